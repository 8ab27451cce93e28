"""The delivered rows behind a figure: file, sheet and row, and the headings read in them."""

from dataclasses import dataclass
from fnmatch import fnmatch

import duckdb

from tf_pipeline.explain.cell import Cell
from tf_pipeline.explain.lineage import KEYS, Line

TABLES = """
create or replace temp table rows_behind (
    authority varchar, month varchar, dataset varchar, file_name varchar, sheet varchar,
    row_number integer, item integer, cells map(varchar, varchar), family_key varchar,
    person_key varchar, intervention_key varchar);
create or replace temp table fields_read (
    authority varchar, month varchar, dataset varchar, field varchar, heading varchar,
    is_named boolean);
"""
# texts get their headings last: a map of every row that is looked at would cost most of the time
STORE = """
insert into rows_behind by name
select rows.* exclude (texts), map(ids.headings, rows.texts) as cells
"""


@dataclass(frozen=True)
class Unnamed:
    """Members without a delivered row in a dataset."""

    authority: str
    month: str
    dataset: str
    entity: str
    members: int
    of: int


def collect(connection: duckdb.DuckDBPyConnection, cell: Cell, lines: list[Line]) -> list[Unnamed]:
    """Fills `rows_behind` and `fields_read`; returns the members without a row."""
    connection.execute(TABLES)
    unnamed = []
    for line in lines:
        if not line.is_delivered:
            continue
        _read_fields(connection, line)
        if line.entity == "place":
            _row_of_place(connection, cell, line)
        elif line.entity in KEYS:
            _rows_of_members(connection, line)
            unnamed += _unnamed(connection, line)
        else:
            _rows_of_delivery(connection, line)
    return unnamed


def _read_fields(connection: duckdb.DuckDBPyConnection, line: Line) -> None:
    """The heading of every field that the line refers to, in every delivery concerned."""
    known = connection.execute(
        "select field from warehouse.reference.ref_fields where dataset = ?", [line.dataset]
    ).fetchall()
    fields = [
        (field, field in line.fields)
        for (field,) in known
        if any(fnmatch(field, pattern) for pattern in line.fields)
    ]
    connection.execute(
        """
        insert into fields_read
        select distinct
            read.authority, read.month, $dataset, fields.field, headings.heading, fields.is_named,
        from deliveries_read as read
        cross join (select unnest($fields) as field, unnest($named) as is_named) as fields
        left join headings
            on read.authority = headings.authority
            and read.month = headings.month
            and headings.dataset = $dataset
            and fields.field = headings.field
        """,
        {
            "dataset": line.dataset,
            "fields": [field for field, _ in fields],
            "named": [is_named for _, is_named in fields],
        },
    )


def _rows_of_members(connection: duckdb.DuckDBPyConnection, line: Line) -> None:
    key = KEYS[line.entity]
    view = "delivered_interventions" if line.entity == "intervention" else "delivered"
    conditions, values = _words(line)
    # use authorities and months as constants: DuckDB then reads only their rows
    concerned = connection.execute("select authority, month from deliveries_read").fetchall()
    read = {
        "authorities": sorted({authority for authority, _ in concerned}),
        "months": sorted({month for _, month in concerned}),
    }
    connection.execute(
        f"""
        {STORE}
        from (
            select distinct rows.*
            from {view} as rows
            semi join members
                on rows.authority = members.of_authority
                and rows.month = members.as_of_month
                and rows.{key} = members.{key}
            where rows.dataset = $dataset
                and rows.authority in $authorities and rows.month in $months{conditions}
        ) as rows
        inner join ids using (authority, month, dataset)
        """,
        {"dataset": line.dataset, **read, **values},
    )


def _words(line: Line) -> tuple[str, dict[str, str]]:
    """SQL for rows whose own field names the word they are about, if there is such a field."""
    conditions = ""
    values: dict[str, str] = {}
    for number, (field, _, word) in enumerate(key.partition("=") for key in line.keys):
        conditions += f"""
            and (
                not exists (
                    select 1 from headings
                    where headings.authority = rows.authority and headings.month = rows.month
                        and headings.dataset = rows.dataset
                        and headings.field = $field_{number}
                )
                or exists (
                    select 1 from headings
                    inner join words using (authority, month, dataset, field)
                    where headings.authority = rows.authority and headings.month = rows.month
                        and headings.dataset = rows.dataset
                        and headings.field = $field_{number}
                        and words.word = words_key(rows.texts[headings.position])
                        and words.canonical = $word_{number}
                )
            )"""
        values |= {f"field_{number}": field, f"word_{number}": word}
    return conditions, values


def _row_of_place(connection: duckdb.DuckDBPyConnection, cell: Cell, line: Line) -> None:
    row = cell.row
    connection.execute(
        f"""
        {STORE}
        from delivered as rows
        inner join ids using (authority, month, dataset)
        semi join members
            on rows.authority = members.of_authority and rows.month = members.as_of_month
        where rows.dataset = ? and rows.file_name = ?
            and rows.sheet is not distinct from ? and rows.row_number = ?
        """,
        [line.dataset, row["file_name"], row["sheet"], row["row"]],
    )


def _rows_of_delivery(connection: duckdb.DuckDBPyConnection, line: Line) -> None:
    connection.execute(
        f"""
        {STORE}
        from delivered as rows
        inner join ids using (authority, month, dataset)
        semi join members
            on rows.authority = members.of_authority and rows.month = members.as_of_month
        where rows.dataset = ?
        """,
        [line.dataset],
    )


def _unnamed(connection: duckdb.DuckDBPyConnection, line: Line) -> list[Unnamed]:
    key = KEYS[line.entity]
    found = connection.execute(
        f"""
        with asked as (
            select distinct of_authority as authority, as_of_month as month, {key} as key,
            from members
            where {key} is not null
        ),

        named as (
            select distinct authority, month, {key} as key from rows_behind where dataset = $1
        )

        select asked.authority, asked.month, $1, $2,
            count(*) filter (where named.key is null), count(*)
        from asked
        left join named using (authority, month, key)
        group by all
        having count(*) filter (where named.key is null) > 0
        order by all
        """,
        [line.dataset, line.entity],
    ).fetchall()
    return [Unnamed(*row) for row in found]
