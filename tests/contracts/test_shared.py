"""The file that is handed on: small counts, pseudonyms and people are in none of it."""

import re

import duckdb
import numpy as np
import pytest

from tests.conftest import MONTHS
from tf_pipeline.releases import shared
from tf_pipeline.releases.suppression import suppress

NOT_COUNTED = {"deliveries", "work_list"}
PERSONAL = {
    "NINO": r"\b[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b",
    "UPN": r"\b[A-Z]\d{11}[0-9A-Z]\b",
    "postcode": r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b",
    "e-mail": r"\S@\S+\.\S",
    "phone": r"\b(0\d{4} ?\d{6}|0\d{3} ?\d{3} ?\d{4}|07\d{9})\b",
    "date of birth": r"\b(dob|born|birth)\W+\d|\b\d{1,2}/\d{1,2}/(19|20)\d{2}\b",
}


@pytest.fixture(scope="module")
def handed_on(loaded):
    path = (loaded.data / "published/current/gm_shared_baseline.duckdb").resolve()
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def texts(connection, schema):
    columns = connection.execute(
        "select table_name, column_name from duckdb_columns() "
        "where schema_name = ? and data_type = 'VARCHAR'",
        [schema],
    ).fetchall()
    for table, column in columns:
        values = connection.execute(f'select distinct "{column}" from {schema}.{table}').fetchall()
        yield table, column, [value for (value,) in values if value]


def test_no_text_of_either_file_looks_like_a_persons(baseline, handed_on):
    found = [
        (kind, table, column)
        for connection, schema in ((baseline, "gm"), (handed_on, "gm_shared"))
        for table, column, values in texts(connection, schema)
        for kind, pattern in PERSONAL.items()
        if any(re.search(pattern, value) for value in values)
    ]
    assert found == []


def test_no_pseudonym_is_handed_on(handed_on):
    for table, column, values in texts(handed_on, "gm_shared"):
        assert not column.endswith("_key")
        assert not [v for v in values if re.search(r"\b[0-9a-f]{20}\b", v)], table


def test_every_aggregated_table_is_shared(baseline):
    counted = {
        table
        for (table,) in baseline.execute(
            "select table_name from duckdb_columns() where schema_name = 'gm' "
            "group by all having bool_or(column_name = 'month') "
            "and bool_or(data_type = 'INTEGER') and not bool_or(column_name like '%\\_key' "
            "escape '\\')"
        ).fetchall()
    }
    assert counted - NOT_COUNTED - {"gates"} - {"releases"} == set(shared.shared_tables())


def test_no_suppressed_count_of_the_sample_can_be_worked_out(baseline):
    for month in MONTHS:
        cells = shared._Month.read(baseline, month).cells(shared.threshold(month))
        chosen = suppress(cells)
        assert chosen
        assert worked_out(cells, chosen) == set()


def worked_out(cells, chosen):
    """By a null space: a cell is determined where no solution of nothing moves it."""
    unknown = sorted(chosen | cells.hidden)
    place = {cell: i for i, cell in enumerate(unknown)}
    lines = [line for line in cells.lines if any(c in place for c, _ in line.terms)]
    matrix = np.zeros((len(lines), len(unknown)))
    for i, line in enumerate(lines):
        for cell, sign in line.terms:
            if cell in place:
                matrix[i, place[cell]] += sign
    _, sizes, rows = np.linalg.svd(matrix, full_matrices=True)
    free = rows[int((sizes > 1e-9).sum()) :]
    moved = np.abs(free).max(axis=0)
    protected = chosen | cells.small()
    return {cell for cell in unknown if moved[place[cell]] < 1e-9} & protected


def test_what_is_shown_is_above_the_threshold_or_nothing(handed_on, baseline):
    for table in shared.shared_tables():
        for column in shared.counts_of(baseline, table):
            small = handed_on.execute(
                f'select count(*) from gm_shared.{table} where abs("{column}") between 1 and 4'
            ).fetchone()
            assert small == (0,), (table, column)


def test_what_is_suppressed_does_not_depend_on_the_order_of_rows(baseline):
    """Two releases of a month that suppressed other counts would together show them."""
    month = MONTHS[-1]
    tables = baseline.execute(
        "select table_name from duckdb_tables() where schema_name = 'gm'"
    ).fetchall()
    with duckdb.connect() as turned:
        turned.execute("create schema gm")
        for (table,) in tables:
            rows = baseline.execute(f"select * from gm.{table} order by all desc").pl()  # noqa: F841
            turned.execute(f"create table gm.{table} as from rows")
        one, other = (shared.suppressed_month(c, month) for c in (baseline, turned))
    assert one.keys() == other.keys()
    for table, frame in one.items():
        assert frame.equals(other[table]), table
