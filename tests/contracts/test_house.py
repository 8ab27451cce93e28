"""The house: a name is an address, each room says what belongs there, and imports read nothing."""

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.support.commands import REPO

PACKAGE = REPO / "tf_pipeline"
# files → lines at most; a longer one has a second subject
LONGEST = {
    "tf_pipeline/defs/**/*.py": 80,
    "tf_pipeline/**/*.py": 300,
    "dbt_project/models/**/*.sql": 200,
}
# still to be split; none may be added
TO_SPLIT = {"tf_pipeline/releases/shared.py"}
# names that Python itself gives a meaning
PYTHONS = {"__init__", "__main__"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def test_no_two_files_have_one_name():
    names = Counter(path.stem for path in modules())
    assert [name for name, count in names.items() if count > 1 and name not in PYTHONS] == []


@pytest.mark.parametrize("files", LONGEST)
def test_no_file_is_longer_than_one_subject(files):
    lengths = {
        str(path.relative_to(REPO)): len(path.read_text("utf-8").splitlines())
        for path in REPO.glob(files)
    }
    assert lengths
    too_long = {path: length for path, length in lengths.items() if length > LONGEST[files]}
    assert {path: too_long[path] for path in too_long.keys() - TO_SPLIT} == {}


def test_every_file_and_every_public_function_says_what_it_is():
    silent = []
    for path in modules():
        tree = ast.parse(path.read_text("utf-8"))
        place = path.relative_to(REPO)
        silent += [str(place)] * (ast.get_docstring(tree) is None)
        silent += [
            f"{place}: {node.name}"
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            and not node.name.startswith("_")
            and ast.get_docstring(node) is None
        ]
    assert silent == []


def test_the_code_location_reads_no_file_when_it_is_imported(tmp_path):
    """Neither dbt's project nor an inbox has to be there: both are read when somebody asks."""
    wiring = (PACKAGE / "defs").rglob("*.py")
    names = [".".join(path.relative_to(REPO).with_suffix("").parts) for path in wiring]
    probe = f"import tf_pipeline.definitions, {', '.join(names)}"
    nowhere = str(tmp_path / "nowhere")
    places = ("TF_DATA_DIR", "TF_INBOX", "TF_DBT_DIR", "TF_AUTHORITIES", "TF_EXPECTATIONS")
    done = subprocess.run(
        [sys.executable, "-c", probe],
        cwd=REPO, env=dict.fromkeys(places, nowhere), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not Path(nowhere).exists()
