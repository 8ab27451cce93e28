"""Gate 1 and staging read the same of any headings and words, by any rows of the crosswalks."""

import importlib.util
from dataclasses import dataclass, replace

import duckdb
import jinja2
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.commands import REPO
from tf_pipeline.authorities.spec import DatasetShape
from tf_pipeline.calendar import month_end
from tf_pipeline.ingest.fields import delivered_fields, gate_parameters, named_datasets
from tf_pipeline.ingest.open_delivery import OpenedDataset
from tf_pipeline.ingest.rows import read_rows
from tf_pipeline.naming import ITEM, ROW
from tf_pipeline.rules.crosswalks import seeds_named
from tf_pipeline.rules.month_rules import SEEDS, resolve
from tf_pipeline.vocabulary import ANY, IGNORE

PROJECT = REPO / "dbt_project"
WHO, MONTH = "north", "2016-05"
FIELDS = {"families": ["start_date", "postcode"], "people": ["upn", "postcode"]}
WORDS = {"families": ["closure_reason", "programme_group"], "people": ["sex", "is_unborn"]}
NAMES = sorted({name for one in (FIELDS, WORDS) for names in one.values() for name in names})
# headings and words that differ by blanks and capitals only, and a few that are strange
STRANGE = "\x0b\x1c\x85\xa0\u2003İΣσςßÄ"
TEXTS = st.one_of(
    st.sampled_from(["-", "NK", "nk", "Open", " open", "female", "MALE", "0", "\xa0", "\t"]),
    st.text(STRANGE + "aB -", max_size=5),
)
HEADINGS = st.one_of(
    st.sampled_from([*NAMES, " SEX ", "Start  date", "Sorted", "Σ", "ς\xa0A"]),
    st.text(STRANGE + "aB", min_size=1, max_size=4),
)
DATES = st.sampled_from(
    [("2014-09-01", None), ("2014-09-01", "2016-04-30"), ("2016-05-31", None), ("2016-06-01", None)]
)


@st.composite
def crosswalk_rows(draw, columns: tuple[str, str]):
    """Rows of a crosswalk: (authority, dataset, heading, field) or (…, field, word)."""
    found = []
    for _ in range(draw(st.integers(0, 8))):
        dataset = draw(st.sampled_from([*FIELDS, *([ANY] if columns[0] == "field" else [])]))
        field = draw(st.sampled_from(NAMES if dataset == ANY else FIELDS[dataset] + WORDS[dataset]))
        row = {"authority": WHO, "dataset": dataset, "field": field}
        if columns[0] == "field":
            row["field"] = draw(st.sampled_from([field, ANY]))
            row["delivered"] = draw(TEXTS.filter(lambda text: text.strip()))
            row["canonical"] = draw(st.sampled_from(["not_known", "not_held", "female", "yes"]))
        else:
            row["authority"] = draw(st.sampled_from([WHO, WHO, ANY, "south"]))
            row["heading"] = draw(HEADINGS.filter(lambda text: text.strip()))
            row["field"] = draw(st.sampled_from([field, field, IGNORE]))
        row["valid_from"], row["valid_to"] = draw(DATES)
        found.append(row)
    return found


@dataclass
class Dbt:
    """What dbt gives a model in Python: the tables by name."""

    connection: duckdb.DuckDBPyConnection

    def ref(self, name: str) -> duckdb.DuckDBPyRelation:
        return self.connection.table(name)

    def source(self, schema: str, name: str) -> duckdb.DuckDBPyRelation:
        return self.connection.table(f"{schema}.{name}")


def run_python_model(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    path = PROJECT / f"models/mapping/{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.model(Dbt(connection), connection).create(name)


def rendered(text: str) -> str:
    """SQL of a model or a call, with the macros of the project."""
    macros = "".join(
        (PROJECT / f"macros/{name}.sql").read_text("utf-8")
        for name in ("delivered_rows", "words_key", "stripped")
    )
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    template = environment.from_string(macros + text)
    return template.render(ref=lambda name: name, source=lambda schema, name: f"{schema}.{name}")


def staged(connection: duckdb.DuckDBPyConnection, opened: list[OpenedDataset], seeds: dict) -> None:
    """Builds what staging reads, from the rows as the landing stores them."""
    connection.execute("create schema raw")
    for name, rows in seeds.items():
        connection.register(f"rows_{name}", rows)
        connection.execute(f"create table {name} as from rows_{name}")
    connection.execute(
        "create table stg_standing (month varchar, authority varchar, dataset varchar, "
        "as_of_month varchar, as_of_date date, date_formats varchar[]);"
        "create table raw.headings (authority varchar, month varchar, dataset varchar, "
        "file_name varchar, sheet varchar, position integer, heading varchar)"
    )
    for one in opened:
        place = [WHO, MONTH, one.dataset, one.file_name, one.sheet]
        connection.execute(
            "insert into stg_standing values ($1, $2, $3, $1, $4, [])",
            [MONTH, WHO, one.dataset, month_end(MONTH)],
        )
        connection.executemany(
            "insert into raw.headings values (?, ?, ?, ?, ?, ?, ?)",
            [[*place, number, name] for number, name in enumerate(one.rows.headings, start=1)],
        )
        accepted = one.rows.accepted
        landed = accepted.select(
            pl.lit(WHO).alias("authority"), pl.lit(MONTH).alias("month"),
            pl.lit(one.file_name).alias("file_name"), pl.lit(None, pl.String).alias("sheet"),
            pl.col(ROW).alias("row_number"), pl.col(ITEM).alias("item"),
            pl.concat_list(one.rows.headings).alias("cells"),
        )  # fmt: skip
        connection.register(f"landed_{one.dataset}", landed)
        connection.execute(f"create table raw.{one.dataset} as from landed_{one.dataset}")
    run_python_model(connection, "stg_words")
    run_python_model(connection, "stg_delivered_headings")
    sql = rendered((PROJECT / "models/mapping/stg_headings.sql").read_text("utf-8"))
    connection.execute(f"create table stg_headings as {sql}")


def opened_of(headings: dict[str, list[str]], cells: list[str]) -> list[OpenedDataset]:
    """Families and people, of one sheet if their headings are the same."""
    found = []
    for dataset, names in headings.items():
        rows = [
            names,
            *([cells[(i + n) % len(cells)] for n in range(len(names))] for i in (0, 1, 2)),
        ]
        grid = pl.DataFrame(
            {f"c{n}": [row[n] for row in rows] for n in range(len(names))}, strict=False
        ).with_row_index(ROW, offset=1)
        file = "one.csv" if headings["families"] == headings["people"] else f"{dataset}.csv"
        read = read_rows(grid, DatasetShape(files="*"), dataset, MONTH, file)
        found.append(OpenedDataset(dataset, file, "0" * 64, None, [], 1, read))
    return found


@st.composite
def deliveries(draw):
    names = st.lists(HEADINGS.filter(lambda text: text.strip()), min_size=1, max_size=6)
    families = draw(names)
    people = families if draw(st.booleans()) else draw(names)
    cells = draw(st.lists(TEXTS, min_size=1, max_size=6))
    return opened_of({"families": families, "people": people}, cells)


@settings(deadline=None, max_examples=20)
@given(deliveries(), crosswalk_rows(("heading", "field")), crosswalk_rows(("field", "delivered")))
def test_gate_1_and_staging_read_the_same(opened, of_headings, of_words):
    seeds = seeds_named(SEEDS)
    for name, rows in (("xwalk_headings", of_headings), ("xwalk_values", of_words)):
        seeds[name] = pl.DataFrame(rows, schema=seeds[name].schema)
    # nothing is essential: then no heading row is refused
    rules = resolve(WHO, MONTH, seeds)
    rules = replace(rules, fields=tuple(replace(f, is_essential=False) for f in rules.fields))
    named = named_datasets(rules, set(), opened)
    parameters = gate_parameters(rules, opened)
    with duckdb.connect() as connection:
        staged(connection, opened, seeds)
        for dataset, one in named.items():
            texts, words = FIELDS[dataset], WORDS[dataset]
            known = dict(
                connection.execute(
                    "select unnest(map_keys(fields)), unnest(map_values(fields)) "
                    "from stg_headings where dataset = ?",
                    [dataset],
                ).fetchall()
            )
            assert known == one.headings
            unknown = connection.execute(
                "select heading from stg_delivered_headings where dataset = ? and not is_known "
                "order by position",
                [dataset],
            ).fetchall()
            assert [heading for (heading,) in unknown] == one.unknown
            call = "{{ delivered_rows(" + f"'{dataset}', {texts!r}, {words!r})" + " }}"
            rows = connection.execute(rendered(call)).pl().sort("row_number")
            if rows.is_empty():
                assert known == {} or one.frame.is_empty()
                continue
            frame = one.frame.sort("row_number")
            for field in texts:
                gate = frame[field].to_list() if field in frame.columns else [None] * rows.height
                assert rows[field].to_list() == gate, field
            for field in words:
                accepted = set(parameters[f"words_{dataset}_{field}"])
                gate = frame[field].to_list() if field in frame.columns else [None] * rows.height
                read = rows[f"{field}_word"].is_null().to_list()
                assert read == [word is None for word in gate], field
                meant = rows[field].is_not_null().to_list()
                assert meant == [word in accepted for word in gate], field


def test_the_first_heading_named_is_the_one_that_staging_reads():
    seeds = seeds_named(SEEDS)
    dated = {"valid_from": "2014-09-01"}
    rows = [
        {"authority": ANY, "dataset": "people", "heading": "Code", "field": "upn", **dated},
        {"authority": WHO, "dataset": "people", "heading": "Pupil", "field": "upn", **dated},
    ]
    seeds["xwalk_headings"] = pl.DataFrame(rows, schema=seeds["xwalk_headings"].schema)
    rules = resolve(WHO, MONTH, seeds)
    opened = opened_of({"families": ["No"], "people": ["Code", "Pupil", "UPN"]}, ["1"])
    read = delivered_fields(rules, opened[1:]).select("heading", "preference", "is_read")
    assert read.rows() == [("Pupil", 1, True), ("Code", 2, False), ("UPN", 3, False)]
