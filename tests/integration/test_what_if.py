"""A changed row shows what it would change, to the number, and nothing that is published moves."""

import os
import re
import shutil
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import MONTHS
from tests.support.commands import REPO, run_cli
from tf_pipeline import paths
from tf_pipeline.preview.what_if import PREFIX, _scratch

SEEDS = REPO / "dbt_project/seeds"
SEED = SEEDS / "crosswalks/xwalk_intensity_levels.csv"
DECLARATIONS = REPO / "dbt_project/seeds/declarations"
WORDS = SEEDS / "crosswalks/xwalk_values.csv"
SINGLE = "Number of values that would change in tables of single families, people or cases"
MONTH = MONTHS[-1]
CASES = {"families", "interventions"}
# families of an intervention's authority, before and after it moves to another level
MOVED_SQL = """
with interventions as (
    select
        *,
        authority = $authority and local_name = $name and level_basis = 'crosswalk' as is_moved,
    from gm.interventions
    where month = $month
),

highest as (
    select
        authority, family_key,
        arg_max(case when is_moved then 'L3' else intensity_level end,
            case when is_moved then 3 else ranks.rank end) as level,
    from interventions
    inner join read_csv($ranks) as ranks using (intensity_level)
    where is_open
    group by all
)

select
    families.authority, families.intensity_level as before, coalesce(level, 'none') as after,
    is_open and programme_group = 'programme' as is_counted,
    (select count(*) from interventions where is_moved) as moved,
from gm.families as families
left join highest using (authority, family_key)
where month = $month
"""


def tables(output: str) -> dict[str, list[list[str]]]:
    """Title → rows of the tables that were printed; a blank first cell is the one above."""
    found: dict[str, list[list[str]]] = {}
    for block in re.split(r"\n\s*\n", output):
        lines = [line for line in block.splitlines() if not re.match(r"\[ *\d+\.\ds\]", line)]
        rows = []
        for line in lines[2:]:
            cells = re.split(r"\s{2,}", line.strip())
            rows.append([rows[-1][0], *cells] if line.startswith(" ") else cells)
        found[lines[0].strip() if lines else ""] = rows
    return found


def content(data: Path) -> dict[str, str]:
    """Hash of the published file and of the warehouse."""
    files = [data / "published/current/gm_baseline.duckdb", data / "warehouse/warehouse.duckdb"]
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def moved(loaded, tmp_path):
    """One intervention at L2 by the crosswalk, in a file that moves it to L3, and its families."""
    rows = pl.read_csv(SEED, infer_schema=False).filter(
        (pl.col("level_rule") == "level")
        & (pl.col("intensity_level") == "L2")
        & pl.col("valid_to").is_null()
    )
    with loaded.published() as connection:
        for row in rows.iter_rows(named=True):
            families = connection.execute(
                MOVED_SQL,
                {
                    "authority": row["authority"],
                    "name": row["local_name"],
                    "month": MONTH,
                    "ranks": str(SEEDS / "reference/ref_intensity_levels.csv"),
                },
            ).pl()
            if families.filter(pl.col("is_counted") & (pl.col("before") != pl.col("after"))).height:
                break
        else:
            pytest.fail("the sample has no intervention whose move would move a family")
    file = tmp_path / "moved.csv"
    changed = {**row, "intensity_level": "L3", "valid_from": f"{MONTH}-01"}
    pl.DataFrame([changed], schema=rows.schema).write_csv(file)
    return file, row["authority"], families


def test_a_moved_intervention_prints_the_exact_difference_and_publishes_nothing(loaded, moved):
    file, authority, families = moved
    before = content(loaded.data)
    left_over = loaded.data / f"{PREFIX}killed"
    left_over.mkdir()
    ran = run_cli(loaded.data, "what-if", "--crosswalk", str(file))
    assert ran.code == 0, ran.output
    assert content(loaded.data) == before
    assert not list(loaded.data.glob(f"{PREFIX}*"))
    release = (loaded.data / "published/current/gm_baseline.duckdb").resolve()
    assert f"Nothing was published; {release} is unchanged." in ran.output
    assert max(len(line) for line in ran.output.splitlines() if str(release) not in line) <= 100
    assert not re.search(r"\b[0-9a-f]{20}\b", ran.output), "the key of a family or person"

    shown = tables(ran.output)
    (understood,) = (rows for title, rows in shown.items() if SEED.stem in title)
    assert [row[1:] for row in understood] == [["intensity_level", "L2", "L3", f"{MONTH}-01"]]
    changes = families.filter(pl.col("before") != pl.col("after"))
    own = families.filter(pl.col("authority") == authority)
    counts = {
        (of, f"intensity_level {level}"): [
            str(some.filter(pl.col("is_counted") & (pl.col(side) == level)).height)
            for side in ("before", "after")
        ]
        for of, some in ((authority, own), ("gm", families))
        for level in ("L2", "L3")
    }
    cells = shown["intensity_summary: values that would change"]
    assert {(a, key): [b, c] for a, key, _, b, c in cells} == counts
    by_table = {(a, table): row for a, table, *row in shown[f"What would change in {MONTH}: rows"]}
    # other authorities may change only where they are ranked against this one
    assert {a for a, table in by_table if table in CASES} == {authority}
    everyone, moving = str(own.height), str(changes.height)
    assert by_table[authority, "families"] == [everyone, everyone, moving, "0", "0"]
    assert by_table["gm", "intensity_summary"][2:] == ["2", "0", "0"]
    values = shown[SINGLE]
    assert ["families", "intensity_level", authority, moving] in values
    assert ["interventions", "intensity_level", authority, str(families["moved"][0])] in values


def test_a_lead_moves_the_common_definition_by_one_row(loaded, tmp_path):
    """GM's rate then rests on the other authorities; a changed word shows its effect, too."""
    rows = pl.read_csv(DECLARATIONS / "authority_declarations.csv", infer_schema=False)
    own = pl.read_csv(DECLARATIONS / "authority_definitions.csv", infer_schema=False).filter(
        pl.col("topic") == "domestic_abuse"
    )
    (common,) = rows.filter(
        (pl.col("topic") == "common_definition") & (pl.col("subject") == "domestic_abuse")
    ).iter_rows(named=True)
    other = own.filter(pl.col("meaning") != common["value"])["meaning"].mode().sort()[0]
    now = set(own.filter(pl.col("meaning") == common["value"])["authority"])
    then = set(own.filter(pl.col("meaning") == other)["authority"])
    assert now and then and not now & then
    with loaded.published() as baseline:
        figures = dict(
            baseline.execute(
                'select authority, struct_pack(y := yes, n := "no", a := authorities_in_rate) '
                "from gm.need_prevalence where month = ? and need_code = 5",
                [MONTH],
            ).fetchall()
        )
        (women,) = baseline.execute(
            "select count(*) from gm.people where month = ? and authority = ? and sex = 'female'",
            [MONTH, "la02"],
        ).fetchone()
    assert set(figures["gm"]["a"].split()) == now
    words = pl.read_csv(WORDS, infer_schema=False).filter(
        (pl.col("authority") == "la02")
        & (pl.col("field") == "sex")
        & (pl.col("canonical") == "female")
    )
    word = tmp_path / "one word.csv"
    words.with_columns(canonical=pl.lit("not_known")).write_csv(word)
    changed = tmp_path / "one row.csv"
    pl.DataFrame([common | {"value": other}], schema=rows.schema).write_csv(changed)
    ran = run_cli(
        loaded.data,
        "what-if",
        "--declaration",
        str(changed),
        "--crosswalk",
        str(word),
        "--month",
        MONTH,
    )
    assert ran.code == 0, ran.output
    values = tables(ran.output)[SINGLE]
    assert women and ["people", "sex", "la02", str(women)] in values
    said = " ".join(ran.output.split())
    assert f"{' '.join(sorted(now))} {' '.join(sorted(then))}" in said, "who is in GM's rate"
    expected = sum(figures[authority]["y"] for authority in then)
    before = figures["gm"]["y"]
    assert "need_code 5 families" in said
    assert f"yes {before:,} {expected:,}" in said or f"yes {before} {expected}" in said


def test_rows_that_the_seed_holds_change_nothing(loaded):
    ran = run_cli(loaded.data, "what-if", "--crosswalk", str(SEED), "--month", MONTHS[0])
    assert ran.code == 0
    assert f"Nothing would change in {MONTHS[0]}: the seeds already hold these rows." in ran.output


def test_a_refused_file_ends_in_one_sentence_and_so_does_a_month_that_is_not_loaded(loaded, moved):
    file, authority, _ = moved
    text = file.read_text()
    file.write_text(text.replace(f"{MONTH}-01", "next month"))
    ran = run_cli(loaded.data, "what-if", "--crosswalk", str(file))
    assert ran.code == 1
    assert "moved.csv, line 2: DATE_UNREADABLE: valid_from 'next month'" in ran.output
    assert "Traceback" not in ran.output
    file.write_text(text.replace(authority, "nowhere"))
    ran = run_cli(loaded.data, "what-if", "--crosswalk", str(file))
    assert ran.code == 1
    assert "there is no authority 'nowhere'" in " ".join(ran.output.split())
    file.write_text(text.replace("L3", "L4"))
    ran = run_cli(loaded.data, "what-if", "--crosswalk", str(file))
    assert ran.code == 1
    assert "moved.csv, line 2: INTENSITY_LEVEL_UNKNOWN: 'L4' is no level" in ran.output
    file.write_text(text)
    ran = run_cli(loaded.data, "what-if", "--crosswalk", str(file), "--month", "2015-01")
    assert ran.code == 1
    assert f"2015-01 is not loaded; loaded months: {', '.join(MONTHS)}" in ran.output
    assert not list(loaded.data.glob(f"{PREFIX}*"))


def test_without_a_release_there_is_nothing_to_compare_with(tmp_path):
    ran = run_cli(tmp_path / "empty", "what-if", "--crosswalk", str(SEED))
    assert ran.code == 1
    assert ran.output.startswith("Nothing has been published yet.")


def test_the_scratch_is_private_and_goes_whatever_happens(loaded_copy, monkeypatch):
    monkeypatch.setenv("TF_DATA_DIR", str(loaded_copy))
    before = dict(os.environ)
    with pytest.raises(ValueError, match="stopped"), _scratch() as scratch:
        assert scratch.folder.parent == loaded_copy
        assert scratch.folder.stat().st_mode & 0o077 == 0
        with scratch._in_force():
            os.environ["SET_BY_DBT"] = "1"
            assert paths.warehouse_path() == scratch.now
            assert paths.dbt_dir() == scratch.folder / "dbt_project"
            shutil.copyfile(scratch.now, scratch.changed)
        assert dict(os.environ) == before
        raise ValueError("stopped")
    assert not list(loaded_copy.glob(f"{PREFIX}*"))
