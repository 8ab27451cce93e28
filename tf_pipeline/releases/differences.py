"""The differences between two warehouses with the same tables: rows, and values in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from tf_pipeline.warehouse.opening import attach, in_memory

OWNER = "_tf_owner"
# a row with such a grain is one family, person or similar: counted, never shown
ROW_LEVEL = "_key"

ROWS_SQL = f"""
with held as (
    select {OWNER} as authority, true as is_before from rows_before
    union all
    select {OWNER}, false from rows_after
),

counted as (
    select
        authority,
        count(*) filter (where is_before) as before,
        count(*) filter (where not is_before) as after,
    from held
    group by authority
),

moved as (
    select
        authority,
        count(*) filter (where was and still_is) as changed,
        count(*) filter (where not was) as added,
        count(*) filter (where not still_is) as gone,
    from pairs
    group by authority
)

select authority, before, after, changed, added, gone
from moved
left join counted using (authority)
order by authority
"""


@dataclass(frozen=True)
class Difference:
    """How one table differs; the frames are empty if nothing differs.

    rows: authority, before, after, changed, added, gone; only authorities with a difference.
    cells: authority, key, column, before, after; only for tables whose rows are not single cases.
    values: authority, column, values; for the other tables, how many values differ in shared rows.
    """

    table: str
    rows: pl.DataFrame
    cells: pl.DataFrame
    values: pl.DataFrame


def differences(
    before: Path, after: Path, grains: Mapping[tuple[str, str], Sequence[str]], month: str
) -> list[Difference]:
    """How each table of one warehouse file differs in another; `grains` is (schema, table) → grain.

    A table with a column `month` is compared for that month only. The list also contains tables
    that do not differ, with empty frames.
    """
    with in_memory(after.parent) as connection:
        for name, path in (("before", before), ("after", after)):
            attach(connection, path, name)
        return [_difference(connection, *key, grain, month) for key, grain in grains.items()]


def _difference(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    table: str,
    grain: Sequence[str],
    month: str,
) -> Difference:
    columns = [
        row[0]
        for row in connection.execute(
            "select column_name from duckdb_columns() where database_name = 'after' "
            "and schema_name = ? and table_name = ? order by column_index",
            [schema, table],
        ).fetchall()
    ]
    owner = _owner(columns, grain)
    of_month = f" where month = '{month}'" if "month" in columns else ""
    for side in ("before", "after"):
        connection.execute(
            f"create or replace temp view rows_{side} as "
            f"select {_quoted(owner)} as {OWNER}, {_list(columns)} "
            f'from {side}."{schema}"."{table}"{of_month}'
        )
    _pair(connection, [OWNER, *columns], grain)
    key = [c for c in grain if c not in ("month", owner)]
    cells = _cells_sql(key, [c for c in columns if c not in (*grain, "month")])
    is_row_level = any(c.endswith(ROW_LEVEL) for c in grain)
    return Difference(
        table,
        connection.sql(ROWS_SQL).pl(),
        connection.sql(
            f"select authority, key, column_name as column, before, after from ({cells}) "
            f"where not {is_row_level} order by authority, key, position"
        ).pl(),
        connection.sql(
            f"select authority, column_name as column, count(*) as values from ({cells}) "
            f"where {is_row_level} and was and still_is "
            "group by authority, position, column_name order by authority, position"
        ).pl(),
    )


def _owner(columns: Sequence[str], grain: Sequence[str]) -> str | None:
    """The column with the authority of a row; None if rows belong to no single authority."""
    named = [c for c in grain if c.endswith("authority")]
    return "authority" if "authority" in columns else named[0] if named else None


def _quoted(column: str | None) -> str:
    return f'"{column}"' if column else "'gm'"


def _list(columns: Sequence[str]) -> str:
    return ", ".join(f'"{c}"' for c in columns)


def _pair(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[str], grain: Sequence[str]
) -> None:
    """The table `pairs`: rows that differ between the two sides, matched by their grain."""
    for side, other in (("before", "after"), ("after", "before")):
        connection.execute(
            f"create or replace temp table only_{side} as select *, row_number() over ("
            # if a grain is not unique, its rows are paired one by one
            f"partition by {_list(grain)} order by {_list(columns)}) as ordinal "
            f"from (select * from rows_{side} except all select * from rows_{other})"
        )
    sides = ", ".join(f'b."{c}" as "before {c}", a."{c}" as "after {c}"' for c in columns)
    same = " and ".join(f'b."{c}" is not distinct from a."{c}"' for c in (*grain, "ordinal"))
    connection.execute(
        "create or replace temp table pairs as "
        f"select coalesce(b.{OWNER}, a.{OWNER}) as authority, "
        f"b.ordinal is not null as was, a.ordinal is not null as still_is, {sides} "
        f"from only_before as b full join only_after as a on {same}"
    )


def _cells_sql(key: Sequence[str], columns: Sequence[str]) -> str:
    """SQL for one row per differing value, in rows that either side has."""
    named = ", ".join(f'\'{c} \' || coalesce("before {c}", "after {c}")' for c in key)
    place = f"concat_ws(', ', {named})" if key else "''"
    return " union all ".join(
        f"""
        select
            authority,
            {place} as key,
            {position} as position,
            '{c}' as column_name,
            case when was then coalesce("before {c}"::varchar, '(blank)') else '(no row)' end
                as before,
            case when still_is then coalesce("after {c}"::varchar, '(blank)') else '(no row)' end
                as after,
            was,
            still_is,
        from pairs
        where "before {c}" is distinct from "after {c}"
        """
        for position, c in enumerate(columns)
    )
