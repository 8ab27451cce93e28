"""One load with many spoilt deliveries: each is named, what stood stands, the rest is published."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import MONTHS, SAMPLE, Ran, run_cli
from tf_pipeline.authorities import registry
from tf_pipeline.authorities.crosswalks import headings

NEXT = "2016-06"


def file_of(folder: Path, authority: str, dataset: str) -> Path:
    (path,) = (folder / authority).glob(registry.shape(authority).datasets[dataset].files)
    return path


def of_format(kind: str) -> list[str]:
    return [
        a for a in registry.authorities() if registry.shape(a).datasets["families"].format == kind
    ]


def delivered_heading(text: str, authority: str, field: str) -> str:
    """The heading of a families field, as it stands in this file."""
    known = (
        headings(authority, NEXT)
        .filter(
            (headings(authority, NEXT)["dataset"] == "families")
            & (headings(authority, NEXT)["field"] == field)
        )["heading_key"]
        .to_list()
    )
    opening = registry.shape(authority).datasets["families"]
    row = text.splitlines()[opening.header_row - 1].split(opening.delimiter)
    return next(h for h in row if " ".join(h.split()).lower().strip("\ufeff") in known)


class Spoilt:
    """The spoilt month, who was spoilt how, and what the load came to."""

    def __init__(self, ran: Ran, how: dict[str, str], heading: str, personal: list[str]) -> None:
        self.ran, self.how, self.heading, self.personal = ran, how, heading, personal


@pytest.fixture(scope="module")
def spoilt(loaded, tmp_path_factory) -> Spoilt:
    folder = tmp_path_factory.mktemp("spoilt")
    shutil.copytree(loaded.data, folder / "data", symlinks=True)
    month = folder / "inbox" / NEXT
    shutil.copytree(SAMPLE / MONTHS[-1], month)
    text, excel = of_format("csv"), of_format("excel")
    how = dict(
        zip(
            text,
            ["renamed", "empty", "cut", "strange", "absent", "unknown", "headless"],
            strict=False,
        )
    ) | dict(zip(excel, ["damaged", "not sent"], strict=False))
    by_way = {way: authority for authority, way in how.items()}

    path = file_of(month, by_way["renamed"], "families")
    encoding = registry.shape(by_way["renamed"]).datasets["families"].encoding
    content = path.read_text(encoding)
    heading = delivered_heading(content, by_way["renamed"], "end_date")
    path.write_text(content.replace(heading, "Finito", 1), encoding)

    file_of(month, by_way["empty"], "people").write_bytes(b"")
    path = file_of(month, by_way["cut"], "needs")
    path.write_bytes(path.read_bytes()[:-9])
    (month / by_way["strange"] / "minutes of the meeting.docx").write_bytes(b"PK...")
    file_of(month, by_way["absent"], "interventions").unlink()
    path = file_of(month, by_way["unknown"], "families")
    opening = registry.shape(by_way["unknown"]).datasets["families"]
    lines = path.read_text(opening.encoding).split("\n")
    for number in range(len(lines)):
        if lines[number].strip():
            cell = "Shoe size" if number == opening.header_row - 1 else "42"
            lines[number] = lines[number].rstrip("\r") + opening.delimiter + cell
    path.write_text("\n".join(lines), opening.encoding)

    path = file_of(month, by_way["headless"], "people")
    opening = registry.shape(by_way["headless"]).datasets["people"]
    lines = path.read_text(opening.encoding).splitlines()
    del lines[opening.header_row - 1]
    first = lines[opening.header_row - 1]
    path.write_text("\n".join(lines), opening.encoding)

    path = file_of(month, by_way["damaged"], "families")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    shutil.rmtree(month / by_way["not sent"])
    ran = run_cli(folder / "data", "load", NEXT, "--inbox", str(folder / "inbox"))
    cells = [cell.strip() for cell in first.split(opening.delimiter)]
    return Spoilt(ran, how, heading.strip(), [cell for cell in cells if len(cell) > 5])


OUTCOME = {
    "renamed": ("held", "end date"),
    "empty": ("rejected", "0 bytes"),
    "cut": ("rejected", "cut off"),
    "strange": ("held", "minutes of the meeting.docx"),
    "absent": ("rejected", "no file for interventions"),
    "damaged": ("rejected", "cannot be opened"),
    "headless": ("rejected", "is not the heading row"),
    "not sent": ("not_delivered", "nothing was delivered"),
}


def test_the_baseline_is_published_and_the_exit_code_says_that_not_all_came(spoilt):
    assert spoilt.ran.code == 3, spoilt.ran.output
    assert "Traceback" not in spoilt.ran.output
    with spoilt.ran.published() as baseline:
        months = baseline.execute("select distinct month from gm.families order by 1").fetchall()
    assert [m[0] for m in months] == [*MONTHS, NEXT]


@pytest.mark.parametrize("way", list(OUTCOME))
def test_each_is_refused_for_what_it_is_and_what_stood_stands(spoilt, way):
    authority = next(a for a, w in spoilt.how.items() if w == way)
    outcome, words = OUTCOME[way]
    with spoilt.ran.published() as baseline:
        rows = baseline.execute(
            "select distinct outcome, as_of_month from gm.deliveries "
            "where month = ? and authority = ?",
            [NEXT, authority],
        ).fetchall()
        assert rows == [(outcome, MONTHS[-1])]
        message = baseline.execute(
            "select string_agg(message, ' ') from gm.work_list where month = ? and authority = ?",
            [NEXT, authority],
        ).fetchone()[0]
        files = baseline.execute(
            "select string_agg(distinct file_name, ' ') from gm.work_list "
            "where month = ? and authority = ?",
            [NEXT, authority],
        ).fetchone()[0]
        assert words in f"{message} {files}"
        same = baseline.execute(
            "with one as (select * exclude (month) from gm.families "
            "where authority = $1 and month = $2), "
            "two as (select * exclude (month) from gm.families where authority = $1 and month = $3)"
            " select count(*) from "
            "((from one except from two) union all (from two except from one))",
            [authority, MONTHS[-1], NEXT],
        ).fetchone()[0]
        assert same == 0, "the last accepted month is repeated, row for row"
    # named at the terminal
    assert f"{authority}: {outcome}" in spoilt.ran.output


def test_the_renamed_heading_is_named_with_what_was_expected(spoilt):
    authority = next(a for a, w in spoilt.how.items() if w == "renamed")
    with spoilt.ran.published() as baseline:
        heading, message = baseline.execute(
            "select heading, message from gm.work_list where month = ? and authority = ? "
            "and rule = 'HEADING_MISSING' and severity = 'critical'",
            [NEXT, authority],
        ).fetchone()
    assert heading.lower() in " ".join(spoilt.heading.split()).lower()
    assert "'Finito'" in message
    assert "xwalk_headings" in message


def test_an_unknown_heading_is_accepted_and_on_the_work_list(spoilt):
    authority = next(a for a, w in spoilt.how.items() if w == "unknown")
    with spoilt.ran.published() as baseline:
        outcome = baseline.execute(
            "select distinct outcome from gm.deliveries where month = ? and authority = ?",
            [NEXT, authority],
        ).fetchall()
        assert outcome == [("accepted",)]
        listed = baseline.execute(
            "select heading from gm.work_list where authority = ? and rule = 'HEADING_UNKNOWN'",
            [authority],
        ).fetchall()
    assert listed == [("Shoe size",)]


def test_refused_files_wait_in_quarantine_with_their_reasons(spoilt):
    folder = spoilt.ran.data / "quarantine" / NEXT
    refused = {a for a, way in spoilt.how.items() if way not in ("not sent", "unknown")}
    assert {path.name for path in folder.iterdir()} == refused
    assert all((folder / a / "reasons.json").exists() for a in refused)
    assert (spoilt.ran.data / "quarantine").stat().st_mode & 0o077 == 0


def test_a_row_of_data_in_the_headings_place_is_quoted_nowhere(spoilt):
    """The first person's own cells, looked for in everything that was written but the data."""
    assert len(spoilt.personal) >= 3
    assert not [cell for cell in spoilt.personal if cell in spoilt.ran.output]
    texts = [*(spoilt.ran.data / "dagster").rglob("*"), *(spoilt.ran.data / "docs").rglob("*")]
    leaked = [
        (path.name, cell)
        for path in texts
        if path.is_file()
        for content in [path.read_bytes()]
        for cell in spoilt.personal
        if cell.encode() in content
    ]
    assert leaked == []
    with spoilt.ran.published() as baseline:
        listed = baseline.execute(
            "select string_agg(coalesce(message, '') || coalesce(heading, ''), ' ') "
            "from gm.work_list where month = ?",
            [NEXT],
        ).fetchone()[0]
    assert not [cell for cell in spoilt.personal if cell in listed]


def test_status_shows_how_old_what_stands_is(spoilt):
    shown = run_cli(spoilt.ran.data, "status")
    assert "1 month old" in shown.output
    assert f"(as of {MONTHS[-1]})" in shown.output


def test_each_has_its_fix_pack_without_any_personal_value(spoilt):
    folder = spoilt.ran.data / "packs" / NEXT
    assert {path.name for path in folder.iterdir()} == set(registry.authorities())
    assert all(path.stat().st_mode & 0o077 == 0 for path in (folder, *folder.iterdir()))
    pages = {path.name: (path / "fix-pack.html").read_text("utf-8") for path in folder.iterdir()}
    for way, (outcome, _words) in OUTCOME.items():
        authority = next(a for a, w in spoilt.how.items() if w == way)
        assert ("not made" if outcome == "not_delivered" else outcome) in pages[authority]
        assert f"What stands is {MONTHS[-1]}, carried forward" in pages[authority]
    renamed = next(a for a, w in spoilt.how.items() if w == "renamed")
    assert "Finito" in pages[renamed] and "critical" in pages[renamed]
    assert not [cell for cell in spoilt.personal for page in pages.values() if cell in page]
    fresh = run_cli(spoilt.ran.data, "pack", NEXT, renamed, "--out", str(folder / "again"))
    assert fresh.code == 0, fresh.output
    assert (folder / "again" / "fix-pack.html").read_text("utf-8") == pages[renamed]
