"""Changed rows find their seed, end the row before them, and are refused with line and rule."""

import polars as pl
import pytest

from tf_pipeline.seeds.changed_rows import changed_seeds, in_their_files
from tf_pipeline.seeds.rulebook import RuleProblem
from tf_pipeline.seeds.seed_files import RuleFinding

DESCRIBED = """
version: 2
seeds:
  - name: ref_authorities
    config: {meta: {grain: "authority"}, column_types: {authority: varchar}}
  - name: words
    config:
      meta: {grain: "authority, delivered, valid_from"}
      column_types: {authority: varchar, delivered: varchar, means: varchar, hours: "decimal(9, 2)",
        valid_from: date, valid_to: date}
  - name: rulings
    config:
      meta: {grain: "authority, topic"}
      column_types: {authority: varchar, topic: varchar, value: varchar}
"""
HEADER = "authority,delivered,means,hours,valid_from,valid_to"
SEEDS = {
    "_seeds.yml": DESCRIBED,
    "reference/ref_authorities.csv": "authority\nnorth\nsouth\n",
    "crosswalks/words.csv": f"""{HEADER}
*,For all,L1,,2014-01-01,
north,Family Work,L1,2,2014-01-01,2015-12-31
north,Family Work,L2,2,2016-01-01,
north,Visit,L1,,2014-01-01,
""",
    "declarations/rulings.csv": "authority,topic,value\nnorth,zero,no\n",
}


@pytest.fixture
def changed(tmp_path, monkeypatch):
    """Merges text as a file of changed rows; returns the edits."""
    monkeypatch.setenv("TF_DBT_DIR", str(tmp_path / "dbt_project"))
    for name, text in SEEDS.items():
        path = tmp_path / "dbt_project/seeds" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def merge(*texts: str, folder: str = "crosswalks"):
        files = [tmp_path / f"changed {number}.csv" for number, _ in enumerate(texts, 1)]
        for file, text in zip(files, texts, strict=True):
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return changed_seeds({folder: files})

    return merge


def held(edit, authority: str, delivered: str) -> list[tuple]:
    """Level and days of the rows of one key, in order."""
    rows = edit.rows.filter(
        (pl.col("authority") == authority) & (pl.col("delivered").str.to_lowercase() == delivered)
    )
    return rows.select("means", "valid_from", "valid_to").sort("valid_from").rows()


def test_a_row_of_the_same_day_replaces_the_row_whatever_the_order_of_columns(changed):
    (edit,) = changed(
        "valid_from,valid_to,hours,means,delivered,authority\n2016-01-01,,2,L3,family  WORK ,north"
    )
    assert (edit.path, edit.name) == ("crosswalks/words.csv", "words")
    assert edit.rows.columns == HEADER.split(",")
    assert edit.rows.height == 4
    assert edit.rows.filter(pl.col("means") == "L2").is_empty()
    assert edit.changes.rows() == [
        ("north, family  WORK ", "means", "L2", "L3", "2016-01-01", None)
    ]


def test_a_later_row_ends_the_row_before_it_the_day_before(changed):
    (edit,) = changed(f"{HEADER}\nnorth,Family Work,L3,2,2016-03-01,\n")
    assert held(edit, "north", "family work") == [
        ("L1", "2014-01-01", "2015-12-31"),
        ("L2", "2016-01-01", "2016-02-29"),
        ("L3", "2016-03-01", None),
    ]
    assert edit.changes.rows() == [("north, Family Work", "means", "L2", "L3", "2016-03-01", None)]


def test_an_open_row_ends_the_day_before_the_next_which_stays(changed):
    (edit,) = changed(f"{HEADER}\nnorth,Family Work,L3,2,2015-06-01,\n")
    assert held(edit, "north", "family work") == [
        ("L1", "2014-01-01", "2015-05-31"),
        ("L3", "2015-06-01", "2015-12-31"),
        ("L2", "2016-01-01", None),
    ]
    assert edit.changes["valid_to"].to_list() == ["2015-12-31"]


def test_changed_rows_bound_each_other_too_in_whichever_files_they_stand(changed):
    (edit,) = changed(
        f"{HEADER}\nnorth,Visit,L3,,2016-05-01,\n", f"{HEADER}\nnorth,visit,L2,,2015-05-01,\n"
    )
    assert held(edit, "north", "visit") == [
        ("L1", "2014-01-01", "2015-04-30"),
        ("L2", "2015-05-01", "2016-04-30"),
        ("L3", "2016-05-01", None),
    ]


def test_a_new_key_is_added_and_nothing_else_moves(changed):
    (edit,) = changed(f"{HEADER}\nsouth,Family Work,L1,,2016-05-01,2016-05-31\n")
    assert held(edit, "south", "family work") == [("L1", "2016-05-01", "2016-05-31")]
    assert edit.rows.height == 5
    assert edit.changes.select("column", "was", "becomes").rows() == [("means", "(no row)", "L1")]


def test_the_whole_seed_again_changes_nothing_and_an_edited_copy_only_what_was_edited(changed):
    whole = SEEDS["crosswalks/words.csv"]
    assert changed(whole)[0].changes.is_empty()
    (edit,) = changed(whole.replace("Visit,L1,,2014-01-01,", "Visit,L1,,2014-01-01,2016-12-31"))
    assert edit.changes.rows() == [
        ("north, Visit", "valid_to", "(blank)", "2016-12-31", "2014-01-01", "2016-12-31")
    ]


def test_a_row_for_all_authorities_is_taken_where_the_seed_has_such_rows(changed):
    (edit,) = changed(f"{HEADER}\n*,For all,L2,,2014-01-01,\n")
    assert edit.changes["key"].to_list() == ["*, For all"]


def test_a_seed_without_dates_has_its_row_replaced(changed):
    (edit,) = changed("authority,topic,value\nnorth,zero,yes\n", folder="declarations")
    assert edit.rows.rows() == [("north", "zero", "yes")]
    assert edit.changes.select("column", "was", "becomes").rows() == [("value", "no", "yes")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "changed 1.csv, line 1: NOT_CSV"),
        (f"{HEADER}\n", "changed 1.csv, line 1: NO_ROW"),
        (b"\xff\xfe\x00", "changed 1.csv, line 1: NOT_UTF8"),
        (
            "authority,delivered,means,valid_from,valid_to\nnorth,Visit,L2,2016-01-01,\n",
            "line 1: COLUMNS_DIFFER: for words: without hours; "
            "accepted: authority,delivered,means,hours,valid_from,valid_to",
        ),
        (
            f"{HEADER},more\nnorth,Visit,L2,,2016-01-01,,\n",
            "line 1: COLUMNS_DIFFER: for words: unknown: more",
        ),
        ("authority,topic,value\nnorth,zero,yes\n", "Seeds of crosswalks: words ("),
        (f"{HEADER}\nnorth,Visit,L2,,2016-01-01\n", "line 2: ROW_RAGGED"),
        (f"{HEADER}\nnorth,Visit,L2,,1/2/2016,\n", "line 2: DATE_UNREADABLE"),
        (f"{HEADER}\nnorth,Visit,L2,,2016-02-30,\n", "valid_from '2016-02-30' cannot be read"),
        (f"{HEADER}\nnorth,Visit,L2,,,\n", "line 2: CELL_EMPTY: valid_from"),
        (f"{HEADER}\nnorth,Visit,L2,two,2016-01-01,\n", "hours 'two' cannot be read"),
        (f"{HEADER}\nnorth,Visit,L2,,2016-01-02,2016-01-01\n", "line 2: DATES_REVERSED"),
        (f"{HEADER}\nwest,Visit,L2,,2016-01-01,\n", "there is no authority 'west'"),
        (
            f"{HEADER}\nnorth,Visit,L2,,2016-01-01,\nnorth,VISIT,L3,,2016-01-01,\n",
            "line 3: ROW_TWICE: an earlier row has the same authority, delivered, valid_from",
        ),
        (
            f"{HEADER}\nnorth,Family Work,L3,,2015-06-01,2016-06-30\n",
            "line 2: ROWS_OVERLAP: valid_to '2016-06-30' does not lie before '2016-01-01'",
        ),
    ],
)
def test_a_bad_file_is_refused_with_its_line_and_the_rule(changed, text, said):
    with pytest.raises(RuleProblem) as refused:
        changed(text)
    assert said in str(refused.value)


def test_a_file_that_is_not_there_is_refused(changed, tmp_path):
    with pytest.raises(RuleProblem, match=r"nowhere\.csv, line 1: FILE_MISSING"):
        changed_seeds({"crosswalks": [tmp_path / "nowhere.csv"]})


def test_what_is_wrong_with_the_merged_seed_is_said_of_the_line_that_was_written(changed):
    (edit,) = changed(f"{HEADER}\nnorth,Visit,L1,,2015-01-01,\nnorth,Visit,L9,,2016-01-01,\n")
    merged = edit.rows.with_row_index("at").filter(pl.col("means") == "L9")["at"].item() + 2
    found = in_their_files(
        RuleProblem([RuleFinding("words.csv", merged, "LEVEL_UNKNOWN", "no level")]), [edit]
    )
    assert str(found) == "changed 1.csv, line 3: LEVEL_UNKNOWN: no level"
    seeds_own = RuleFinding("words.csv", 2, "LEVEL_UNKNOWN", "no level")
    assert in_their_files(RuleProblem([seeds_own]), [edit]).findings == [seeds_own]
