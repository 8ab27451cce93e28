"""A held delivery is taken in on a person's word, on record, for exactly its files."""

import re
import shutil
from pathlib import Path

import pytest

from tests.support.commands import REPO, run_cli
from tf_pipeline.authorities import registry
from tf_pipeline.deliveries.confirm_delivery import CannotConfirm, confirm_delivery
from tf_pipeline.deliveries.confirmations import file_hashes
from tf_pipeline.deliveries.intake import ingest_delivery
from tf_pipeline.ingest.fields import named_datasets
from tf_pipeline.ingest.open_delivery import open_delivery
from tf_pipeline.releases.fingerprint import fingerprint
from tf_pipeline.rules.month_rules import month_rules
from tf_pipeline.warehouse.connect import writer

# of the deliveries in tests/fixtures: a third of the usual people, and a file nobody sends
HALVED, STRANGE = ("2016-07", "la03"), ("2016-08", "la06")
BEFORE = "2016-06"


@pytest.fixture
def inbox(tmp_path, monkeypatch) -> Path:
    """A copy of the fixtures' deliveries, and an empty data folder."""
    monkeypatch.setenv("TF_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TF_DEBUG", "1")
    shutil.copytree(REPO / "tests" / "fixtures" / "deliveries", tmp_path / "inbox")
    return tmp_path / "inbox"


def rules_of(taken) -> set[str]:
    return {f.rule for f in taken.findings if f.severity == "critical"}


def test_half_the_usual_rows_wait_for_a_word_and_are_then_taken_in(inbox, tmp_path):
    month, who = HALVED
    assert ingest_delivery(who, BEFORE, inbox).outcome == "accepted"
    taken = ingest_delivery(who, month, inbox)
    assert (taken.outcome, rules_of(taken)) == ("held", {"HALF_ROWS"})
    before = fingerprint(inbox / month, "")
    asked = ("confirm", month, who, "--reason", "many have left")
    wrong = run_cli(tmp_path / "data", *asked, "--by", "somebody")
    assert wrong.code == 1 and "role:NAME" in wrong.output
    right = run_cli(tmp_path / "data", *asked, "--by", "role:data-lead")
    assert right.code == 0 and f"tf-pipeline load {month}" in right.output, right.output
    assert fingerprint(inbox / month, "") != before, "a load finds something new"
    taken = ingest_delivery(who, month, inbox)
    assert taken.outcome == "accepted"
    assert "CONFIRMED" in {f.rule for f in taken.findings}
    with writer("test") as connection:
        row = connection.execute(
            "select file_sha256s, rules, reason, role from ops.confirmations"
        ).fetchone()
    hashes = file_hashes((inbox / month / who).iterdir())
    assert row == (hashes, ["HALF_ROWS"], "many have left", "role:data-lead")


def test_a_word_holds_for_exactly_those_files(inbox):
    month, who = HALVED
    ingest_delivery(who, BEFORE, inbox)
    ingest_delivery(who, month, inbox)
    confirm_delivery(month, who, "many have left", "role:data-lead")
    (path,) = (inbox / month / who).glob(registry.shape(who).datasets["people"].files)
    path.write_bytes(path.read_bytes().rsplit(b"\n", 2)[0] + b"\n")
    assert ingest_delivery(who, month, inbox).outcome == "held"


def test_an_unexpected_file_can_be_confirmed(inbox):
    month, who = STRANGE
    taken = ingest_delivery(who, month, inbox)
    assert (taken.outcome, rules_of(taken)) == ("held", {"UNEXPECTED_FILE"})
    confirm_delivery(month, who, "to be ignored", "role:data-lead")
    assert ingest_delivery(who, month, inbox).outcome == "accepted"


def test_nothing_held_is_nothing_to_confirm(inbox):
    who = HALVED[1]
    ingest_delivery(who, BEFORE, inbox)
    with pytest.raises(CannotConfirm, match="no delivery of"):
        confirm_delivery(BEFORE, who, "as ever", "role:data-lead")


def test_what_nobody_may_waive_cannot_be_confirmed(inbox):
    ingest_delivery("la10", "2016-07", inbox)
    with pytest.raises(CannotConfirm, match="HEADING_MISSING"):
        confirm_delivery("2016-07", "la10", "never mind", "role:data-lead")


def test_a_number_of_one_digit_more_is_no_breach(inbox):
    """Numbering goes on: what looks like another authority's may be the next of one's own."""
    who, other = "la03", "la04"
    shape = registry.shape(who)
    rules = month_rules(who, BEFORE)
    opened = open_delivery(inbox / BEFORE / who, shape, rules)
    frame = named_datasets(rules, shape.from_workbook, opened)["families"].frame
    mine = frame["local_family_id"].drop_nulls().to_list()
    longer = re.sub(r"(\d+)$", r"\g<1>9", mine[0])
    with writer("test") as connection:
        connection.executemany(
            "insert into restricted.key_map values (?, 'family', ?, 'key')",
            [[who, one] for one in mine] + [[other, longer]],
        )
    (path,) = (inbox / BEFORE / who).glob(shape.datasets["families"].files)
    lines = path.read_text(shape.datasets["families"].encoding).splitlines()
    copied = next(line for line in lines if mine[0] in line)
    path.write_text("\n".join([*lines, copied.replace(mine[0], longer)]) + "\n", "utf-8")
    assert "MISDIRECTED" not in rules_of(ingest_delivery(who, BEFORE, inbox))
