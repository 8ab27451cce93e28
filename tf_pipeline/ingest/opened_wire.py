"""How the process that opens files answers: one line of JSON, then Arrow frames.

Belongs here: writing and reading an answer; nothing in it can run code.
Does not belong here: the processes at its two ends (`opening_worker.py`, `opening_process.py`).
"""

import json
from dataclasses import asdict, replace
from io import BytesIO
from multiprocessing.connection import Connection

import polars as pl

from tf_pipeline.findings import Finding
from tf_pipeline.ingest.opened_rows import OpenedRows
from tf_pipeline.vocabulary import Severity


def send_rows(connection: Connection, found: OpenedRows) -> None:
    """Sends what was opened: everything but the frames, then the two frames."""
    rows = replace(found.rows, accepted=pl.DataFrame(), set_aside=pl.DataFrame(), findings=[])
    told = {
        name: getattr(rows, name) for name in ("headings", "positions", "delivered", "header_row")
    } | {"findings": [asdict(finding) for finding in found.rows.findings]}
    beside = {"sheets": found.sheets, "lines": found.lines, "records": found.records}
    frames = [found.rows.accepted, found.rows.set_aside]
    blank = [None if f.height else [(n, str(t)) for n, t in f.schema.items()] for f in frames]
    send(connection, {"rows": told, "blank": blank, **beside})
    for frame in frames:
        if frame.height:
            content = BytesIO()
            frame.write_ipc(content)
            connection.send_bytes(content.getbuffer())


def receive_rows(connection: Connection, told: dict) -> OpenedRows:
    """What `send_rows` sent, after its first line was received."""
    from tf_pipeline.ingest.rows import Rows

    accepted, set_aside = (_frame(connection, columns) for columns in told["blank"])
    rows = told["rows"] | {"findings": findings(told["rows"]["findings"])}
    return OpenedRows(
        Rows(accepted, set_aside, **rows), told["sheets"], told["lines"], told["records"]
    )


def _frame(connection: Connection, columns: list | None) -> pl.DataFrame:
    if columns is None:
        return pl.read_ipc(BytesIO(connection.recv_bytes()))
    return pl.DataFrame(schema={name: getattr(pl, kind) for name, kind in columns})


def send(connection: Connection, told: dict) -> None:
    """Sends one line of JSON."""
    connection.send_bytes(json.dumps(told).encode())


def receive(connection: Connection) -> dict:
    """The line that was sent. Raises EOFError if the other process has ended."""
    return json.loads(connection.recv_bytes())


def findings(told: list[dict]) -> list[Finding]:
    """Findings as they were sent."""
    return [Finding(**one | {"severity": Severity(one["severity"])}) for one in told]
