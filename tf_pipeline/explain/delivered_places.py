"""The places of the collected rows, and what was read in them."""

from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class Place:
    """Delivered rows in one file: how many rows and groups, and the first of them."""

    authority: str
    month: str
    dataset: str
    file_name: str
    sheet: str | None
    rows: int
    groups: int
    first: list[str]


def places_of(connection: duckdb.DuckDBPyConnection, rows: int) -> list[Place]:
    """The places of the rows, file by file, with the first row numbers of each."""
    found = connection.execute(
        """
        with pieces as (
            select distinct authority, month, dataset, file_name, sheet, row_number, item
            from rows_behind
        )

        select authority, month, dataset, file_name, sheet, count(distinct row_number), count(*),
            (list(concat(row_number, ' (group ' || item || ')') order by row_number, item))[:?],
        from pieces
        group by authority, month, dataset, file_name, sheet
        order by authority, dataset, file_name, sheet
        """,
        [rows],
    ).fetchall()
    return [Place(*row) for row in found]


def headings_read(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, list[str], str]]:
    """Authority, dataset, the headings read in it, and the named fields."""
    return connection.execute(
        """
        select authority, dataset,
            list(distinct heading order by heading) filter (where heading is not null),
            string_agg(distinct field, ', ' order by field) filter (where is_named),
        from fields_read
        group by authority, dataset
        order by authority, dataset
        """
    ).fetchall()


def delivered_cells(connection: duckdb.DuckDBPyConnection, rows: int) -> list[tuple]:
    """Place and cells of the first rows: the ids and the fields read, under their headings."""
    return connection.execute(
        """
        with wanted as (
            select authority, month, dataset, heading from fields_read
            union
            select authority, month, dataset, heading from headings
            where field in ('local_family_id', 'local_person_id')
        )

        select rows.dataset, rows.file_name, rows.sheet, rows.row_number, rows.item,
            list_sort(list_distinct(list((wanted.heading, rows.cells[wanted.heading])))),
        from rows_behind as rows
        inner join wanted using (authority, month, dataset)
        where wanted.heading is not null
        group by all
        order by all
        limit ?
        """,
        [rows],
    ).fetchall()
