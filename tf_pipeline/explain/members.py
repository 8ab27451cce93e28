"""The members of a figure: families, people or interventions, by their pseudonyms."""

from pathlib import Path

import duckdb

from tf_pipeline.explain.cell import Cell
from tf_pipeline.explain.lineage import Line

HERE = Path(__file__).parent / "members"
# `of_authority`: the member's own, also in a figure for gm; `amount`: what it adds to the figure
EMPTY = """
create or replace temp table members (
    column_name varchar, of_authority varchar, as_of_month varchar, family_key varchar,
    person_key varchar, intervention_key varchar, amount double)
"""


def members_file(table: str) -> Path:
    """The SQL that lists the members of every figure of an aggregated table."""
    return HERE / f"{table}.sql"


def collect(connection: duckdb.DuckDBPyConnection, cell: Cell, lines: list[Line]) -> None:
    """Fills the table `members`; uses the row itself if the table has one per family or person."""
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
    if "month" in cell.row and members_file(cell.table).exists():
        _of_figure(connection, cell, sorted({name for line in lines for name in line.made_of}))
    elif "month" in cell.row and "authority" in cell.row:
        _of_row(connection, cell, lines)


def _of_figure(connection: duckdb.DuckDBPyConnection, cell: Cell, columns: list[str]) -> None:
    query = members_file(cell.table).read_text("utf-8")
    conditions = " and ".join(f'said."{name}" = ?' for name in cell.grain)
    connection.execute(
        f"""
        insert into members by name
        select said.* exclude ({", ".join(_figure_keys(connection, query))}), standing.as_of_month,
        from ({query}) as said
        left join (
            select distinct month, authority as of_authority, as_of_month from gm.deliveries
        ) as standing using (month, of_authority)
        where {conditions} and list_contains(?, said.column_name)
        """,
        [*cell.key.values(), columns],
    )
    connection.execute("update members set amount = 1 where amount is null")


def _figure_keys(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    """Columns of the members' SQL that identify the figure, not the member."""
    ours = {row[0] for row in connection.execute("describe members").fetchall()}
    return [r[0] for r in connection.execute(f"describe {query}").fetchall() if r[0] not in ours]


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
