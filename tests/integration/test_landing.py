"""Late, repeated, corrected: what each changes, and what was replaced can be loaded again."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tests.conftest import MONTHS, SAMPLE, copy_data
from tests.support.commands import Ran, run_cli
from tests.support.delivered import never_sent
from tests.support.figures import needs
from tests.support.town import AUTHORITIES, LISTS, TEXT, WIDE, Town
from tf_pipeline import paths
from tf_pipeline.authorities import registry
from tf_pipeline.deliveries import delivery_register as register
from tf_pipeline.deliveries.archive import LandingDamaged, stored_files, stored_path
from tf_pipeline.deliveries.intake import IntakeResult, ingest_delivery
from tf_pipeline.deliveries.select_delivery import CannotRedeliver, redeliver, select_candidate
from tf_pipeline.releases.fingerprint import fingerprint
from tf_pipeline.upkeep.backup import backup, restore
from tf_pipeline.warehouse.connect import writer

FIRST, LAST = MONTHS
WHO, LATE, OTHER = TEXT, WIDE, LISTS
BY = {"by": "role:data-lead", "reason": "the correction was of [another] quarter"}


def correct(inbox: Path, month: str) -> Path:
    """All needs that were not met are met: a correction that figures show."""
    (path,) = (inbox / month / WHO).glob(registry.shape(WHO).datasets["needs"].files)
    path.write_bytes(path.read_bytes().replace(b";Not met", b";Met"))
    return path


def tried(month: str, authority: str = WHO) -> list[str]:
    return [one.outcome for one in register.entries(month, authority)]


def test_all_that_a_load_tried_is_registered_once_and_stored_byte_by_byte(loaded):
    told = {(one["month"], one["authority"]): one for one in lines(loaded.data)}
    assert len(lines(loaded.data)) == len(told) == len(MONTHS) * len(registry.authorities())
    for (month, authority), one in told.items():
        assert one["outcome"] == "accepted"
        sent = {p.name: p.read_bytes() for p in (SAMPLE / month / authority).iterdir()}
        assert stored(loaded.data, one) == sent
        # lines and records of every dataset, as many records as rows at least
        assert {c["dataset"] for c in one["counted"]} >= {"families", "people", "claims"}
        assert all(c["lines"] >= c["records"] > 0 for c in one["counted"])


def stored(data: Path, line: dict) -> dict[str, bytes]:
    """Name → content in the landing, of a line of the register."""
    files = data / "landing" / "files"
    return {file["name"]: (files / file["sha256"]).read_bytes() for file in line["files"]}


@dataclass(frozen=True)
class Story:
    """Loads of an earlier month: the town, its inbox, and what is told of them."""

    town: Town
    inbox: Path
    first: str
    late: Ran

    @property
    def data(self) -> Path:
        return self.town.data

    def run(self, *arguments: str) -> Ran:
        return self.town.run(*arguments, "--inbox", str(self.inbox))


@pytest.fixture(scope="module")
def story(town, tmp_path_factory) -> Story:
    """One delivery comes late and one corrected, into an earlier month.

    One authority has sent nothing at all so far, the other nothing for the later month.
    """
    folder = tmp_path_factory.mktemp("landing")
    data, inbox = folder / "data", folder / "inbox"
    copy_data(town.data, data)
    never_sent(data, f"authority = '{LATE}' or (authority = '{WHO}' and month = '{LAST}')")
    shutil.copytree(town.inbox / FIRST, inbox / FIRST)
    (first,) = {one["delivery"] for one in lines(data) if is_about(one, FIRST, WHO)}
    correct(inbox, FIRST)
    own = Town(town.folder, data)
    return Story(own, inbox, first, own.run("load", FIRST, "--inbox", str(inbox)))


@pytest.fixture(scope="module")
def back(story) -> tuple[Ran, Ran]:
    """The old delivery is chosen again, and loaded."""
    told = ("--reason", BY["reason"], "--by", BY["by"])
    chosen = story.run("redeliver", FIRST, WHO, story.first[:5], *told)
    return chosen, story.run("load", FIRST)


def lines(data: Path) -> list[dict]:
    with duckdb.connect() as connection:
        path = data / "landing" / "register.jsonl"
        return connection.execute(f"select * from read_json('{path}')").pl().to_dicts()


def is_about(line: dict, month: str, authority: str) -> bool:
    return (line["month"], line["authority"]) == (month, authority)


def releases(data: Path, month: str) -> list[Path]:
    """The releases of a month, the oldest first."""
    return sorted((data / "published").glob(f"2*-{month}/gm_baseline.duckdb"))


def opened(path: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(path), read_only=True)


def test_a_late_delivery_loads_and_the_later_months_are_rebuilt(story):
    assert story.late.code == 0, story.late.output
    with opened(releases(story.data, LAST)[1]) as rebuilt:
        for authority in (LATE, WHO):
            stands = rebuilt.execute(
                "select distinct outcome, as_of_month from gm.deliveries "
                "where month = ? and authority = ?",
                [LAST, authority],
            ).fetchall()
            assert stands == [("not_delivered", FIRST)]
        of_both = rebuilt.execute(
            "select month, count(*) from gm.families where authority = ? group by all order by 1",
            [LATE],
        ).fetchall()
        assert [month for month, _ in of_both] == MONTHS
        assert of_both[0][1] == of_both[1][1] > 0


def test_a_corrected_delivery_replaces_what_stood_from_its_month_on(story):
    old, corrected = releases(story.data, FIRST)[:2]
    with opened(old) as before, opened(corrected) as after:
        assert needs(after, FIRST, WHO) != needs(before, FIRST, WHO)
        assert needs(after, FIRST, OTHER) == needs(before, FIRST, OTHER)
        assert after.execute("select why from gm.releases order by release_id").fetchall()[-1] == (
            "corrected_delivery",
        )
    with opened(releases(story.data, LAST)[1]) as carried, opened(corrected) as now:
        assert needs(carried, LAST, WHO) == needs(now, FIRST, WHO)


def test_what_was_replaced_is_still_there_byte_by_byte(story):
    of_first = next(one for one in lines(story.data) if one["delivery"] == story.first)
    sent = {p.name: p.read_bytes() for p in (story.town.inbox / FIRST / WHO).iterdir()}
    assert stored(story.data, of_first) == sent


def test_the_old_delivery_loaded_again_gives_the_first_releases_figures(story, back):
    chosen, reloaded = back
    assert chosen.code == 0, chosen.output
    assert story.first in chosen.output
    assert reloaded.code == 0, reloaded.output
    assert f"{WHO}: Delivery {story.first}, chosen by role:data-lead" in reloaded.output
    first, _corrected, again = releases(story.data, FIRST)
    with opened(again) as connection:
        connection.execute(f"attach '{first}' as first (read_only)")
        tables = connection.execute(
            "select table_name from duckdb_columns() where database_name = 'first' "
            "and schema_name = 'gm' group by all having bool_or(column_name = 'month') "
            "and bool_or(column_name = 'authority')"
        ).fetchall()
        # the work list says that it was taken again; gates say when they ran
        same = {table for (table,) in tables} - {"work_list", "gates"}
        assert len(same) > 20
        for table in same:
            of_month = f"(select * from {{}}gm.\"{table}\" where month = '{FIRST}')"
            now, then = of_month.format(""), of_month.format("first.")
            assert not connection.execute(
                f"({now} except all {then}) union all ({then} except all {now})"
            ).fetchall(), table
        assert connection.execute(
            "select count(*) from gm.work_list where rule = 'REDELIVERED' and month = ? "
            "and authority = ? and message like '%' || ? || '%'",
            [FIRST, WHO, story.first],
        ).fetchall() == [(1,)]
        assert connection.execute("select why from gm.releases order by release_id").fetchall()[
            -1
        ] == ("corrected_delivery",)
    with opened(releases(story.data, LAST)[2]) as carried, opened(first) as before:
        assert needs(carried, LAST, WHO) == needs(before, FIRST, WHO)


def test_the_same_again_changes_nothing(story, back):
    again = story.run("load", FIRST)
    assert again.code == 0
    assert "nothing has changed" in again.output
    assert len(releases(story.data, FIRST)) == 3
    told = [one for one in lines(story.data) if one["month"] == FIRST]
    outcomes = {
        authority: [one["outcome"] for one in told if one["authority"] == authority]
        for authority in AUTHORITIES
    }
    assert outcomes.pop(WHO) == ["accepted", "accepted", "chosen", "accepted"]
    assert set(map(tuple, outcomes.values())) == {("accepted",)}, "three loads, one line each"


def test_the_list_says_which_one_stands(story, back):
    shown = story.town.run("deliveries", FIRST, WHO, COLUMNS="60").output
    rows = [line.split() for line in shown.splitlines() if line.startswith(FIRST)]
    assert [row[2].startswith("*") for row in rows] == [True, False, True, True]
    assert {row[2].strip("*") for row in rows if row[2].startswith("*")} == {story.first}
    assert "role:data-lead: the correction was of [another] quarter" in " ".join(shown.split())
    assert all(path.name in shown for path in (story.town.inbox / FIRST / WHO).iterdir())
    assert LATE in story.town.run("deliveries").output


def test_the_delivery_is_named_in_dagster(story, back, monkeypatch):
    import dagster as dg

    monkeypatch.setenv("DAGSTER_HOME", str(story.data / "dagster"))
    with dg.DagsterInstance.get() as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey(["delivery", WHO]))
    metadata = event.asset_materialization.metadata
    assert metadata["delivery"].value == story.first
    assert metadata["taken_from"].value == "landing, chosen again"


@pytest.fixture
def here(town, tmp_path, monkeypatch) -> Path:
    """An inbox with one month, and an empty data folder."""
    Town(town.folder, tmp_path / "data").point_at(monkeypatch)
    monkeypatch.delenv("TF_DEBUG", raising=False)
    shutil.copytree(town.inbox / LAST, tmp_path / "inbox" / LAST)
    return tmp_path / "inbox"


def corrected(here: Path) -> str:
    """The first delivery taken, then a corrected one; what the first is known by."""
    first = accepted(here)
    correct(here, LAST)
    accepted(here)
    return first.candidate.delivery


def accepted(here: Path) -> IntakeResult:
    taken = ingest_delivery(WHO, LAST, here)
    assert taken.outcome == "accepted", taken.findings
    return taken


def standing_file(dataset: str = "needs") -> str:
    with writer("a test") as connection:
        ((sha,),) = connection.execute(
            "select file_sha256 from raw.accepted where authority = ? and month = ? "
            "and dataset = ?",
            [WHO, LAST, dataset],
        ).fetchall()
    return sha


def test_a_repeated_delivery_adds_neither_line_nor_file(here):
    first = accepted(here)
    kept = sorted((paths.landing_dir() / "files").iterdir())
    assert accepted(here).candidate.delivery == first.candidate.delivery
    assert tried(LAST) == ["accepted"]
    assert sorted((paths.landing_dir() / "files").iterdir()) == kept
    assert {path.name for path in kept} == {file.sha256 for file in first.candidate.files}


def test_a_refused_delivery_is_kept_and_a_covering_note_is_none(here):
    path = correct(here, LAST)
    path.write_bytes(b"")
    sent = {file.name: file.read_bytes() for file in (here / LAST / WHO).iterdir()}
    taken = ingest_delivery(WHO, LAST, here)
    assert (taken.outcome, tried(LAST)) == ("rejected", ["rejected"])
    assert {f.name: stored_path(f).read_bytes() for f in taken.candidate.files} == sent
    for file in (here / LAST / LATE).iterdir():
        if file.name != "cover.md":
            file.unlink()
    assert ingest_delivery(LATE, LAST, here).outcome == "not_delivered"
    assert tried(LAST, LATE) == []


def test_what_the_program_could_not_judge_is_kept_too(here, monkeypatch):
    from tf_pipeline.deliveries import validate

    def broken(*_):
        raise ValueError("no")

    monkeypatch.setattr(validate, "named_datasets", broken)
    taken = ingest_delivery(WHO, LAST, here)
    assert (taken.outcome, tried(LAST)) == ("held", ["held"])
    assert {f.name for f in taken.candidate.files} == {
        f.name for f in (here / LAST / WHO).iterdir()
    }


def test_a_choice_holds_until_something_else_is_in_the_inbox(here):
    first = corrected(here)
    before = fingerprint(here / LAST, "")
    redeliver(LAST, WHO, first, here, **BY)
    assert fingerprint(here / LAST, "") != before, "a load finds something new"
    after = fingerprint(here / LAST, "")
    taken = accepted(here)
    assert (taken.candidate.delivery, taken.candidate.is_chosen) == (first, True)
    assert standing_file() == {f.name: f.sha256 for f in taken.candidate.files}[path_of(here).name]
    assert fingerprint(here / LAST, "") == after
    with path_of(here).open("ab") as file:
        file.write(b"\r\n")
    taken = accepted(here)
    assert taken.candidate.delivery not in (first, "")
    assert not taken.candidate.is_chosen
    (said,) = [str(f) for f in taken.findings if f.rule == "CHOICE_ENDED"]
    assert first in said and "was not ingested" in said
    assert tried(LAST) == ["accepted", "accepted", "chosen", "accepted", "accepted"]


def path_of(here: Path) -> Path:
    (path,) = (here / LAST / WHO).glob(registry.shape(WHO).datasets["needs"].files)
    return path


def test_what_was_taken_away_from_the_inbox_can_be_loaded_again(here):
    first = accepted(here).candidate.delivery
    shutil.rmtree(here / LAST / WHO)
    assert ingest_delivery(WHO, LAST, here).outcome == "not_delivered"
    redeliver(LAST, WHO, first, here, **BY)
    assert accepted(here).candidate.delivery == first


def test_the_inboxs_own_delivery_can_be_chosen_back(here):
    first = corrected(here)
    corrected_one = select_candidate(WHO, LAST, here / LAST / WHO).delivery
    redeliver(LAST, WHO, first, here, **BY)
    redeliver(LAST, WHO, corrected_one, here, **BY)
    assert accepted(here).candidate.delivery == corrected_one


def test_a_changed_stored_file_is_refused_and_what_stood_stands(here):
    first = corrected(here)
    (entry,) = [one for one in register.entries(LAST, WHO) if one.delivery == first]
    (of_needs,) = [file for file in entry.files if file.name == path_of(here).name]
    redeliver(LAST, WHO, first, here, **BY)
    stood = standing_file()
    stored_path(of_needs).chmod(0o600)
    stored_path(of_needs).write_bytes(b"x" + stored_path(of_needs).read_bytes()[1:])
    taken = ingest_delivery(WHO, LAST, here)
    assert (taken.outcome, taken.findings[0].rule) == ("held", "LANDING_DAMAGED")
    assert f"{of_needs.name} in the landing is not what was delivered" in taken.reason
    assert standing_file() == stood
    done = command("redeliver", LAST, WHO, first, *options(here))
    assert done.code == 1
    assert "is not what was delivered" in done.output and "Traceback" not in done.output
    with pytest.raises(LandingDamaged):
        redeliver(LAST, WHO, first, here, **BY)
    assert tried(LAST)[-2:] == ["chosen", "held"], "the refused choice is on no record"


def command(*arguments: str) -> Ran:
    """Runs a command on what this process is pointed at."""
    shapes = {name: os.environ[name] for name in ("TF_AUTHORITIES", "TF_EXPECTATIONS")}
    return run_cli(paths.data_dir(), *arguments, **shapes)


def options(here: Path) -> list[str]:
    return ["--by", BY["by"], "--reason", BY["reason"], "--inbox", str(here)]


def test_a_backup_bears_what_was_replaced(here, tmp_path, monkeypatch):
    first = corrected(here)
    made = backup(tmp_path / "backups")
    monkeypatch.setenv("TF_DATA_DIR", str(tmp_path / "other"))
    restore(made)
    redeliver(LAST, WHO, first, here, **BY)
    assert accepted(here).candidate.delivery == first
    assert {path.stat().st_mode & 0o777 for path in stored_files()} == {0o400}


def test_what_cannot_be_chosen_is_said_in_a_sentence(here):
    first = corrected(here)
    for wanted, told, said in (
        ("zzz", {}, f"expected one of: {first}"),
        ("", {}, "No delivery begins"),
        (select_candidate(WHO, LAST, here / LAST / WHO).delivery, {}, "ingests .* anyway"),
        (first, {"by": "Ann Smith"}, "expected role:NAME"),
        (first, {"reason": " "}, "--reason is empty"),
    ):
        with pytest.raises(CannotRedeliver, match=said):
            redeliver(LAST, WHO, wanted, here, **BY | told)
    with pytest.raises(CannotRedeliver, match="no load has tried a delivery"):
        redeliver(FIRST, WHO, first, here, **BY)
    assert tried(LAST) == ["accepted", "accepted"]
    assert command("deliveries", "2016-13").code == 2
    assert command("redeliver", LAST, "la99", first, *options(here)).code == 2
