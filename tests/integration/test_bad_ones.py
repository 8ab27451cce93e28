"""Deliveries that open and are not what they say: each is named for what it is.

With TF_TABLE=path a table of what was sent, what was said and what stood afterwards is written.
"""

import os
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import MONTHS, SAMPLE
from tf_pipeline.alerts.alert import BREACH, alerts
from tf_pipeline.alerts.state import read_state
from tf_pipeline.authorities import registry
from tf_pipeline.defs.accept import Taken, take_delivery
from tf_pipeline.defs.confirm import CannotConfirm, confirm_delivery
from tf_pipeline.ingest.delivery import open_delivery
from tf_pipeline.ingest.fields import named_datasets
from tf_pipeline.sample.generate import generate
from tf_pipeline.warehouse.confirmations import file_hashes
from tf_pipeline.warehouse.connect import writer
from tf_pipeline.warehouse.fingerprint import fingerprint

FIRST, LAST, NEXT = *MONTHS, "2016-06"
TABLE: list[tuple[str, str, str, str]] = []


def text_authorities() -> list[str]:
    """Authorities that send people and families as plain text with one heading row."""
    return [
        name
        for name in registry.authorities()
        for shapes in [registry.shape(name).datasets]
        if shapes["families"].format == "csv"
        and shapes["families"].header_row == 1
        and shapes["families"].totals_row is None
    ]


def workbook_authority() -> str:
    return next(
        a
        for a in registry.authorities()
        if registry.shape(a).datasets["families"].format == "excel"
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    generate(folder, [*MONTHS, NEXT], families=300, seed=7)
    return folder


@pytest.fixture
def inbox(made, tmp_path, monkeypatch) -> Iterator[Path]:
    """An inbox of three months, and an empty data folder."""
    monkeypatch.setenv("TF_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TF_DEBUG", "1")
    shutil.copytree(made, tmp_path / "inbox")
    yield tmp_path / "inbox"


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    yield
    if path := os.environ.get("TF_TABLE"):
        lines = ["| sent | outcome | said | stood afterwards |", "|---|---|---|---|"]
        lines += ["| " + " | ".join(cell.replace("|", "/") for cell in r) + " |" for r in TABLE]
        Path(path).write_text("\n".join(lines) + "\n", "utf-8")


def noted(sent: str, taken: Taken) -> Taken:
    with writer("test") as connection:
        stands = connection.execute(
            "select max(month) from raw.accepted where authority = ?", [taken.authority]
        ).fetchone()[0]
    said = [str(f) for f in taken.findings if f.severity == "critical"]
    TABLE.append((sent, taken.outcome.value, "; ".join(said[:2]) or "-", stands or "nothing"))
    return taken


def rules_of(taken: Taken) -> set[str]:
    return {f.rule for f in taken.findings if f.severity == "critical"}


def file_of(inbox: Path, month: str, authority: str, dataset: str) -> Path:
    (path,) = (inbox / month / authority).glob(registry.shape(authority).datasets[dataset].files)
    return path


def lines_of(path: Path, authority: str, dataset: str) -> list[str]:
    encoding = registry.shape(authority).datasets[dataset].encoding
    return path.read_text(encoding).replace("\r\n", "\n").rstrip("\n").split("\n")


def rewrite(path: Path, authority: str, dataset: str, lines: list[str]) -> None:
    encoding = registry.shape(authority).datasets[dataset].encoding
    path.write_text("\n".join(lines) + "\n", encoding)


def send_again(inbox: Path, authority: str) -> None:
    shutil.rmtree(inbox / NEXT / authority)
    shutil.copytree(inbox / LAST / authority, inbox / NEXT / authority)


def test_a_protected_workbook_says_so(inbox):
    authority = workbook_authority()
    path = file_of(inbox, NEXT, authority, "families")
    path.write_bytes(
        bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000) + "EncryptedPackage".encode("utf-16-le")
    )
    taken = noted("a workbook with a password", take_delivery(authority, NEXT, inbox))
    assert taken.outcome == "rejected"
    assert "is protected by a password; expected the same workbook without one" in taken.reason


@pytest.mark.parametrize("authority", ["first text", "workbook"])
def test_last_months_files_sent_again(inbox, authority):
    who = text_authorities()[0] if authority == "first text" else workbook_authority()
    assert take_delivery(who, LAST, inbox).outcome == "accepted"
    send_again(inbox, who)
    taken = noted(f"last month's files again ({authority})", take_delivery(who, NEXT, inbox))
    assert taken.outcome == "rejected"
    assert rules_of(taken) == {"RESENT"}
    assert f"the rows of {LAST}, sent again as {NEXT}" in taken.reason
    again = noted("the same month loaded twice", take_delivery(who, LAST, inbox))
    assert again.outcome == "accepted"


def test_last_months_rows_in_another_order(inbox):
    who = text_authorities()[0]
    assert take_delivery(who, LAST, inbox).outcome == "accepted"
    send_again(inbox, who)
    for dataset in ("families", "claims"):
        path = file_of(inbox, NEXT, who, dataset)
        heading, *rows = lines_of(path, who, dataset)
        rewrite(path, who, dataset, [heading, *reversed(rows)])
    taken = noted("last month's rows in another order", take_delivery(who, NEXT, inbox))
    assert (taken.outcome, rules_of(taken)) == ("rejected", {"RESENT"})


def test_the_files_of_another_month(inbox):
    who = text_authorities()[0]
    shutil.rmtree(inbox / LAST / who)
    shutil.copytree(inbox / NEXT / who, inbox / LAST / who)
    taken = noted("next month's files", take_delivery(who, LAST, inbox))
    assert (taken.outcome, rules_of(taken)) == ("held", {"WRONG_MONTH"})
    assert f"most of them {NEXT}; expected {LAST}" in taken.reason
    assert f"tf-pipeline confirm {LAST} {who} --reason" in taken.reason


def halved(inbox: Path, who: str) -> Taken:
    assert take_delivery(who, LAST, inbox).outcome == "accepted"
    path = file_of(inbox, NEXT, who, "people")
    lines = lines_of(path, who, "people")
    rewrite(path, who, "people", lines[: len(lines) // 3])
    return take_delivery(who, NEXT, inbox)


def test_half_the_usual_rows_wait_for_a_word_and_are_then_taken_in(inbox):
    who = text_authorities()[1]
    taken = noted("a third of the usual people", halved(inbox, who))
    assert (taken.outcome, rules_of(taken)) == ("held", {"HALF_ROWS"})
    assert "expected at least" in taken.reason
    before = fingerprint(inbox / NEXT, "")
    with pytest.raises(CannotConfirm, match="role:NAME"):
        confirm_delivery(NEXT, who, "they left", "somebody")
    assert confirm_delivery(NEXT, who, "half have left", "role:data-lead") == ["HALF_ROWS"]
    assert fingerprint(inbox / NEXT, "") != before, "a load finds something new"
    taken = noted("the same, confirmed", take_delivery(who, NEXT, inbox))
    assert taken.outcome == "accepted"
    assert "CONFIRMED" in {f.rule for f in taken.findings}
    with writer("test") as connection:
        row = connection.execute(
            "select file_sha256s, rules, role from ops.confirmations"
        ).fetchone()
    files = list((inbox / NEXT / who).iterdir())
    assert row == (file_hashes(files), ["HALF_ROWS"], "role:data-lead")


def test_a_word_holds_for_exactly_those_files(inbox):
    who = text_authorities()[1]
    halved(inbox, who)
    confirm_delivery(NEXT, who, "half have left", "role:data-lead")
    path = file_of(inbox, NEXT, who, "people")
    rewrite(path, who, "people", lines_of(path, who, "people")[:-1])
    assert take_delivery(who, NEXT, inbox).outcome == "held"


def test_an_unexpected_file_can_be_confirmed(inbox):
    who = text_authorities()[0]
    (inbox / NEXT / who / "minutes.docx").write_bytes(b"PK...")
    taken = noted("a file nobody sends", take_delivery(who, NEXT, inbox))
    assert (taken.outcome, rules_of(taken)) == ("held", {"UNEXPECTED_FILE"})
    confirm_delivery(NEXT, who, "to be ignored", "role:data-lead")
    assert take_delivery(who, NEXT, inbox).outcome == "accepted"


def test_nothing_held_is_nothing_to_confirm(inbox):
    who = text_authorities()[0]
    take_delivery(who, NEXT, inbox)
    with pytest.raises(CannotConfirm, match="no delivery of"):
        confirm_delivery(NEXT, who, "as ever", "role:data-lead")


def family_ids(inbox: Path, authority: str, month: str) -> list[str]:
    shape = registry.shape(authority)
    opened = open_delivery(inbox / month / authority, shape, month)
    named = named_datasets(authority, month, opened)
    return sorted(set(named["families"].frame["local_family_id"].drop_nulls()))


def form(text: str) -> str:
    return re.sub("[0-9]", "9", re.sub("[A-Za-z]", "A", text))


def know(authority: str, ids: list[str]) -> None:
    with writer("test") as connection:
        connection.executemany(
            "insert into restricted.key_map values (?, 'family', ?, 'key')",
            [[authority, one] for one in ids],
        )


@pytest.fixture
def neighbours(inbox) -> tuple[str, str, list[str], list[str]]:
    """Two authorities whose numbers look different, both known from earlier months."""
    who = text_authorities()[0]
    mine = family_ids(inbox, who, NEXT)
    for other in registry.authorities():
        theirs = family_ids(inbox, other, NEXT)
        if len(form(theirs[0])) != len(form(mine[0])) and "," not in theirs[0]:
            know(who, mine)
            know(other, theirs)
            return who, other, mine, theirs
    raise AssertionError("all authorities number alike")


def test_rows_of_another_authority_are_set_aside_and_reported(inbox, neighbours):
    who, _, mine, theirs = neighbours
    for dataset in ("families", "people"):
        path = file_of(inbox, NEXT, who, dataset)
        lines = lines_of(path, who, dataset)
        copied = next(line for line in lines if mine[0] in line)
        rewrite(path, who, dataset, [*lines, copied.replace(mine[0], theirs[0])])
    taken = noted("a few rows of another authority", take_delivery(who, NEXT, inbox))
    assert (taken.outcome, rules_of(taken)) == ("accepted", {"MISDIRECTED"})
    message = next(f.message for f in taken.findings if f.rule == "MISDIRECTED")
    assert "data protection lead" in message
    assert theirs[0] not in message
    today = date(2016, 7, 1)
    (alert,) = [one for one in alerts(read_state(today), today) if one.kind == BREACH]
    assert (alert.authority, alert.month) == (who, NEXT)
    assert f"data protection officer of {who}" in alert.body and "72 hours" in alert.body
    for dataset in ("families", "people"):
        assert f"{file_of(inbox, NEXT, who, dataset).name}, {dataset}: 1 rows" in alert.body
    assert theirs[0] not in alert.subject + alert.body
    with writer("test") as connection:
        aside = connection.execute(
            "select dataset, reason from raw.set_aside where authority = ? "
            "and reason = 'OTHER_AUTHORITY' order by 1",
            [who],
        ).fetchall()
        assert aside == [("families", "OTHER_AUTHORITY"), ("people", "OTHER_AUTHORITY")]
        for dataset in ("families", "people"):
            rows = connection.execute(
                f"select count(*) from raw.{dataset} where list_contains(map_values(cells), ?)",
                [theirs[0]],
            ).fetchone()[0]
            assert rows == 0


def test_a_whole_file_of_another_authority_is_rejected(inbox, neighbours):
    who, _, mine, theirs = neighbours
    path = file_of(inbox, NEXT, who, "families")
    lines = lines_of(path, who, "families")
    swap = dict(zip(mine, theirs * 9, strict=False))
    text = "\n".join(lines[1:])
    for own, other in swap.items():
        text = text.replace(own, other)
    rewrite(path, who, "families", [lines[0], *text.split("\n")])
    taken = noted("a whole file of another authority", take_delivery(who, NEXT, inbox))
    assert taken.outcome == "rejected"
    assert "MISDIRECTED_FILE" in rules_of(taken)


def test_a_number_of_one_digit_more_is_no_breach(inbox):
    who, other = text_authorities()[:2]
    mine = family_ids(inbox, who, NEXT)
    longer = re.sub(r"(\d+)", r"\g<1>9", mine[0], count=1)
    know(who, mine)
    know(other, [longer])
    path = file_of(inbox, NEXT, who, "families")
    lines = lines_of(path, who, "families")
    copied = next(line for line in lines if mine[0] in line)
    rewrite(path, who, "families", [*lines, copied.replace(mine[0], longer)])
    assert "MISDIRECTED" not in rules_of(take_delivery(who, NEXT, inbox))


@pytest.mark.parametrize("authority", registry.authorities())
def test_no_alarm_on_three_honest_months(inbox, authority):
    """Every authority's own months, one after the other, are nothing but accepted."""
    for month in (FIRST, LAST, NEXT):
        taken = take_delivery(authority, month, inbox)
        assert (taken.outcome, rules_of(taken)) == ("accepted", set()), taken.findings
    assert (SAMPLE / LAST).is_dir()
