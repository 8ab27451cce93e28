"""`make clean` removes what loads have made in the folder in force; a key only if confirmed."""

import os
import subprocess

from tests.support.commands import REPO

MADE = [
    "warehouse", "landing", "quarantine", "packs", "alerts", "dagster", "dbt", "docs",
    ".what-if-killed",
]  # fmt: skip
KEPT = ["published", "secrets"]


def clean(data, *settings: str) -> str:
    done = subprocess.run(
        ["make", "--no-print-directory", "clean", *settings],
        cwd=REPO, env={**os.environ, "TF_DATA_DIR": str(data)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def test_the_key_and_the_releases_go_only_where_that_is_confirmed(tmp_path):
    for name in [*MADE, *KEPT, "inbox"]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
    said = clean(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["inbox", *KEPT]
    assert "CONFIRM=yes" in said
    assert clean(tmp_path, "CONFIRM=yes") == ""
    assert [path.name for path in tmp_path.iterdir()] == ["inbox"]
    clean(tmp_path / "nowhere")
