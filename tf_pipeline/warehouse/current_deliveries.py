"""The current accepted delivery of each authority: the month's own, or carried forward to it."""

import duckdb
import polars as pl

STANDING_SQL = """
with latest as (
    select authority, max(month) as as_of_month
    from raw.accepted
    where month <= ?
    group by authority
)

select
    accepted.authority, accepted.dataset, latest.as_of_month,
    accepted.rows_delivered, accepted.rows_accepted, accepted.rows_set_aside,
    accepted.rows_accepted + accepted.rows_set_aside as rows_accounted,
from latest
inner join raw.accepted as accepted
    on latest.authority = accepted.authority
    and latest.as_of_month = accepted.month
order by all
"""


def standing(connection: duckdb.DuckDBPyConnection, month: str) -> pl.DataFrame:
    """One row per dataset of each authority's last accepted delivery up to a month.

    Columns: authority, dataset, as_of_month, rows_delivered, rows_accepted, rows_set_aside,
    rows_accounted (accepted and set aside).
    """
    return connection.execute(STANDING_SQL, [month]).pl()
