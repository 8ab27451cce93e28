"""The read-only UI as a process of its own, for tests that look at it."""

import contextlib
import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.commands import REPO, clean_environment


@contextlib.contextmanager
def served_ui(data: Path, **environment: str) -> Iterator[str]:
    """Starts the UI that leads open on a data folder; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (data / "ui.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "tf_pipeline", "ui", "--read-only", "--port", str(port)],
            cwd=REPO, env=clean_environment(data) | environment, stdout=log, stderr=log,
        )  # fmt: skip
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(f"{address}/server_info")
            yield address
        finally:
            server.terminate()
            server.wait(20)


def asked(address: str, query: str) -> Any:
    """The data that the UI's own interface answers a query with."""
    request = urllib.request.Request(
        f"{address}/graphql",
        data=json.dumps({"query": query}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["data"]


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.5)
    raise TimeoutError(address)
