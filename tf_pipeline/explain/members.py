"""The members of a figure: families, people or interventions, by their pseudonyms."""

import duckdb

from tf_pipeline.explain.cell import Cell
from tf_pipeline.explain.lineage import Line
from tf_pipeline.explain.not_explained import NotExplained
from tf_pipeline.explain.passed import model_file

PUBLISHED = "figure_members"
# `of_authority`: the member's own, also in a figure for gm; `amount`: what it adds to the figure
EMPTY = """
create or replace temp table members (
    column_name varchar, of_authority varchar, as_of_month varchar, family_key varchar,
    person_key varchar, intervention_key varchar, amount double)
"""


def has_members(table: str) -> bool:
    """Whether a table adds up members, which a model of its own lists."""
    return model_file(f"int_{table}_members") is not None


def collect(connection: duckdb.DuckDBPyConnection, cell: Cell, lines: list[Line]) -> None:
    """Fills the table `members`; uses the row itself if the table has one per family or person.

    Raises NotExplained if the release does not hold the members of the month.
    """
    connection.execute(EMPTY)
    add(connection, cell, lines)


def find_deliveries(connection: duckdb.DuckDBPyConnection, cell: Cell) -> None:
    """Fills `deliveries_read`: the members' deliveries; without members, those searched."""
    connection.execute(
        """
        create or replace temp table deliveries_read as
        with read as (
            select distinct of_authority as authority, as_of_month as month from members
            union
            select distinct authority, as_of_month
            from gm.deliveries
            where month = ? and ? in (authority, 'gm') and as_of_month is not null
                and not exists (select 1 from members)
        )

        select *, last_day(cast(month || '-01' as date)) as as_of_date from read
        """,
        [cell.row.get("month"), cell.row.get("authority")],
    )


def add(connection: duckdb.DuckDBPyConnection, cell: Cell, lines: list[Line]) -> None:
    """Adds the members of one more cell."""
    if "month" in cell.row and has_members(cell.table):
        _of_figure(connection, cell, sorted({name for line in lines for name in line.made_of}))
    elif "month" in cell.row and "authority" in cell.row:
        _of_row(connection, cell, lines)


def _of_figure(connection: duckdb.DuckDBPyConnection, cell: Cell, columns: list[str]) -> None:
    _refuse_where_not_published(connection, cell)
    keys = {name: value for name, value in cell.key.items() if name not in ("month", "authority")}
    # an empty key holds for every value of it
    conditions = "".join(f' and (said."{key}" = ${key} or said."{key}" is null)' for key in keys)
    connection.execute(
        f"""
        insert into members by name
        select
            counted.column_name, said.authority as of_authority, standing.as_of_month,
            said.family_key, said.person_key, said.intervention_key, said.amount,
        from gm.{PUBLISHED} as said
        cross join unnest(string_split(said.column_names, ' ')) as counted (column_name)
        left join (select distinct month, authority, as_of_month from gm.deliveries) as standing
            on said.month = standing.month and said.authority = standing.authority
        where said.month = $month and said.table_name = $table
            and ($authority = said.authority or ($authority = 'gm' and said.is_in_gm))
            and list_contains($columns, counted.column_name){conditions}
        """,
        {**cell.key, "table": cell.table, "columns": columns},
    )


def _refuse_where_not_published(connection: duckdb.DuckDBPyConnection, cell: Cell) -> None:
    month = cell.row["month"]
    held = connection.execute(
        "select 1 from duckdb_tables() where database_name = current_database() "
        "and schema_name = 'gm' and table_name = ?",
        [PUBLISHED],
    ).fetchone()
    if (
        not held
        or not connection.execute(
            f"select 1 from gm.{PUBLISHED} where month = ? limit 1", [month]
        ).fetchone()
    ):
        raise NotExplained(
            f"{month} was published before releases held who is in a figure (gm.{PUBLISHED}). "
            f"Publish the month again, then ask again: tf-pipeline load {month}"
        )


def _of_row(connection: duckdb.DuckDBPyConnection, cell: Cell, lines: list[Line]) -> None:
    row = cell.row
    by_column = next((line.month_column for line in lines if line.month_column), "as_of_month")
    connection.execute(
        """
        insert into members
        select
            $column, $authority,
            coalesce($as_of_month, (
                select max(as_of_month) from gm.deliveries
                where month = $month and authority = $authority
            )),
            coalesce($family, (
                select any_value(family_key) from gm.people
                where month = $month and authority = $authority and person_key = $person
            )),
            $person, $intervention, 1
        """,
        {
            "column": cell.column,
            "authority": row["authority"],
            "month": row["month"],
            "as_of_month": row.get(by_column),
            "family": row.get("family_key"),
            "person": row.get("person_key"),
            "intervention": row.get("intervention_key"),
        },
    )
    # GM as a whole, and an authority without a current delivery, have no delivery of their own
    connection.execute("delete from members where as_of_month is null")
