"""Deliveries spoilt by chance: each comes to a named outcome, without a stack trace, and balances.

TF_EXAMPLES says how many: a few with every test, thousands by `make stress`. There, for every
hundred of them, ten spoilt deliveries are built into a month: whatever is accepted stops none of
the others.
"""

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.commands import REPO
from tf_pipeline.authorities import registry
from tf_pipeline.deliveries.intake import ingest_delivery
from tf_pipeline.vocabulary import Outcome
from tf_pipeline.warehouse.connect import writer

DELIVERIES = REPO / "tests" / "fixtures" / "deliveries"
EXAMPLES = int(os.environ.get("TF_EXAMPLES", "10"))
BUILDS = max(EXAMPLES // 100, 1)
MONTH = "2016-05"
BY_CHANCE = settings(
    deadline=None,
    database=None,
    derandomize=True,
    # a smaller example would cost a delivery each, and the one that failed is told
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CELLS = ["", " ", "0", "-1", "nan", "None", "99/99/9999", "=1+1", "\ufeff", "é" * 5_000, '"', ",",
         "\x00", "2016-06-31", "1e309", "TOTAL"]  # fmt: skip
RULE = re.compile(r"^[A-Z][A-Z0-9_]*$")


@dataclass(frozen=True)
class Change:
    """One thing done to one file; `place` and `length` are parts of it, `cell` what is put in."""

    what: str
    file: int
    place: float
    length: float
    cell: str


BYTES = ["cut", "zeros", "noise", "twice", "empty", "gone", "stranger", "latin"]
LINES = ["cell", "column", "heading", "drop_rows", "copy_rows", "shuffle", "no_heading", "wide"]
CHANGES = st.builds(
    Change,
    st.sampled_from(BYTES + LINES * 3),
    st.integers(0, 20),
    st.floats(0, 1),
    st.floats(0, 1),
    st.one_of(st.sampled_from(CELLS), st.text(max_size=20)),
)


def spoil(folder: Path, authority: str, change: Change) -> None:
    """Changes one file of a delivery; a workbook is changed as bytes."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    if not files:
        return
    path = files[change.file % len(files)]
    if change.what in LINES and path.suffix != ".xlsx":
        shapes = registry.shape(authority).datasets.values()
        shape = next((one for one in shapes if path.match(one.files)), None)
        if shape is not None:
            encoding, delimiter = shape.encoding, shape.delimiter
            lines = path.read_bytes().decode(encoding, "replace").split("\n")
            changed = _lines(lines, delimiter, shape.header_row - 1, change)
            path.write_bytes("\n".join(changed).encode(encoding, "replace"))
            return
    _bytes(path, change)


def _bytes(path: Path, change: Change) -> None:
    content = bytearray(path.read_bytes())
    start = int(change.place * len(content))
    end = min(len(content), start + 1 + int(change.length * 400))
    match change.what:
        case "empty":
            path.write_bytes(b"")
        case "gone":
            path.unlink()
        case "stranger":
            path.with_name("minutes.docx").write_bytes(change.cell.encode("utf-8", "replace"))
        case "twice":
            path.with_name("again " + path.name).write_bytes(content)
        case "latin":
            path.write_bytes(content.decode("utf-8", "replace").encode("cp1252", "replace"))
        case "zeros":
            content[start:end] = bytes(end - start)
            path.write_bytes(content)
        case "noise":
            content[start:end] = (change.cell.encode("utf-8", "replace") or b"\xff") * 3
            path.write_bytes(content)
        case _:
            path.write_bytes(content[:start])


def _lines(lines: list[str], delimiter: str, heading: int, change: Change) -> list[str]:
    body = max(len(lines) - heading - 1, 1)
    row = heading + 1 + int(change.place * (body - 1))
    count = int(change.length * body)
    if row >= len(lines) or heading >= len(lines):
        return lines
    match change.what:
        case "drop_rows":
            del lines[row : row + count]
        case "copy_rows":
            lines[row:row] = lines[row : row + count]
        case "shuffle":
            lines[heading + 1 :] = lines[:heading:-1]
        case "no_heading":
            del lines[heading]
        case "wide":
            lines[row] += delimiter + change.cell
        case "heading":
            lines[heading] = _with_cell(lines[heading], delimiter, change)
        case "column":
            lines[heading + 1 :] = [
                _with_cell(one, delimiter, change) for one in lines[heading + 1 :]
            ]
        case _:
            lines[row] = _with_cell(lines[row], delimiter, change)
    return lines


def _with_cell(line: str, delimiter: str, change: Change) -> str:
    cells = line.split(delimiter)
    cells[int(change.length * (len(cells) - 1))] = change.cell
    return delimiter.join(cells)


@pytest.fixture(scope="module")
def seen(tmp_path_factory) -> Iterator[Counter]:
    """What the examples came to; said at the end."""
    counted: Counter = Counter()
    yield counted
    print(f"\n{sum(counted.values())} deliveries: {dict(sorted(counted.items()))}")


@pytest.fixture(scope="module")
def data(tmp_path_factory, monkeypatch_module) -> Path:
    folder = tmp_path_factory.mktemp("mutated")
    monkeypatch_module.setenv("TF_DATA_DIR", str(folder / "data"))
    # a program's error is raised, and not held for GM to mend
    monkeypatch_module.setenv("TF_DEBUG", "1")
    return folder


@pytest.fixture(scope="module")
def monkeypatch_module() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.mark.timeout(6 * 3600)
@settings(BY_CHANCE, max_examples=EXAMPLES)
@given(
    authority=st.sampled_from(registry.authorities()),
    changes=st.lists(CHANGES, min_size=1, max_size=3),
)
def test_whatever_is_done_to_a_delivery_it_comes_to_a_named_outcome(data, seen, authority, changes):
    folder = data / "inbox" / MONTH / authority
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(DELIVERIES / MONTH / authority, folder)
    for change in changes:
        spoil(folder, authority, change)
    taken = ingest_delivery(authority, MONTH, data / "inbox")
    seen[taken.outcome.value] += 1
    assert taken.outcome in set(Outcome)
    stopping = [f for f in taken.findings if f.severity == "critical"]
    assert stopping or taken.outcome in (Outcome.ACCEPTED, Outcome.NOT_DELIVERED)
    for finding in taken.findings:
        assert RULE.match(finding.rule)
        assert "xpected" in finding.message or "ccepted" in finding.message, finding.message
    for delivered, accepted, aside in taken.rows.values():
        assert delivered == accepted + aside
    with writer("test") as connection:
        odd = connection.execute(
            "select count(*) from raw.attempts "
            "where rows_delivered <> rows_accepted + rows_set_aside"
        ).fetchone()
        assert odd == (0,)
        if taken.outcome is Outcome.ACCEPTED:
            _lands_whole(connection, authority, taken.rows)


def _lands_whole(connection, authority: str, rows: dict[str, tuple[int, int, int]]) -> None:
    for dataset, (_, accepted, aside) in rows.items():
        landed = connection.execute(
            f'select count(*) from raw."{dataset}" where authority = ? and month = ?',
            [authority, MONTH],
        ).fetchone()[0]
        kept = connection.execute(
            "select count(*) from raw.set_aside where authority = ? and month = ? and dataset = ?",
            [authority, MONTH, dataset],
        ).fetchone()[0]
        assert (landed, kept) == (accepted, aside), dataset


@pytest.fixture(scope="module")
def defs(data, monkeypatch_module):
    """The definitions, and what stood before the first delivery was spoilt."""
    monkeypatch_module.setenv("DAGSTER_HOME", str(data / "data/dagster"))
    from tf_pipeline.definitions import defs
    from tf_pipeline.defs.instance import prepare_home

    prepare_home()
    for authority in registry.authorities():
        assert ingest_delivery(authority, MONTH, DELIVERIES).outcome is Outcome.ACCEPTED
    return defs


@pytest.mark.stress
@pytest.mark.timeout(6 * 3600)
@settings(BY_CHANCE, max_examples=BUILDS)
@given(
    spoilt=st.lists(
        st.lists(CHANGES.filter(lambda change: change.what in LINES), min_size=1, max_size=3),
        min_size=len(registry.authorities()),
        max_size=len(registry.authorities()),
    )
)
def test_whatever_is_accepted_the_month_is_built(data, defs, spoilt):
    from tf_pipeline.defs.run_month import build_baseline

    came = Counter()
    for authority, changes in zip(registry.authorities(), spoilt, strict=True):
        folder = data / "inbox" / MONTH / authority
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(DELIVERIES / MONTH / authority, folder)
        for change in changes:
            spoil(folder, authority, change)
        came[ingest_delivery(authority, MONTH, data / "inbox").outcome.value] += 1
    built = build_baseline(defs(), MONTH, "")
    with writer("test") as connection:
        taken_back = connection.execute(
            "select count(distinct authority) from raw.findings where rule = 'LATER_GATE'"
        ).fetchone()[0]
    print(f"\n{dict(sorted(came.items()))}, taken back by a later gate: {taken_back}")
    assert built.published, built.stopped
