"""Reads the published file for the terminal: the summary of a load and the grid of months.

Belongs here: queries on the published file. Does not belong here: printing (`commands`).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from tf_pipeline import paths
from tf_pipeline.releases.catalogue import rolled_back_months
from tf_pipeline.rules.rule_parts import rule_parts
from tf_pipeline.warehouse.connect import published_reader
from tf_pipeline.warehouse.opening import open_warehouse


@dataclass(frozen=True)
class AuthorityLine:
    """One authority's line for a month: its delivery, the current accepted one, what to do."""

    authority: str
    outcome: str
    as_of_month: str | None
    delivered: int
    accepted: int
    set_aside: int
    families_open: int
    work_items: int
    reason: str | None


def month_lines(month: str) -> list[AuthorityLine]:
    """A line per authority for a month of the current release; empty if it lacks the month."""
    with published_reader() as connection:
        if connection is None:
            return []
        rows = connection.execute(
            """
            with deliveries as (
                select
                    authority,
                    max(outcome) as outcome,
                    max(as_of_month) as as_of_month,
                    sum(rows_delivered)::integer as delivered,
                    sum(rows_accepted)::integer as accepted,
                    sum(rows_set_aside)::integer as set_aside,
                    arg_min(reason, coalesce(is_refused_with_others, false)) as reason,
                from (
                    from gm.deliveries
                    -- an older release has no such column
                    union all by name select false as is_refused_with_others where false
                )
                where month = $1
                group by authority
            ),

            families as (
                select authority, count(*)::integer as families_open
                from gm.families
                where month = $1 and is_open and programme_group = 'programme'
                group by authority
            ),

            work as (
                select authority, count(*)::integer as work_items
                from gm.work_list
                where month = $1
                group by authority
            )

            select
                authority, outcome, as_of_month, delivered, accepted, set_aside,
                coalesce(families_open, 0), coalesce(work_items, 0), reason
            from deliveries
            left join families using (authority)
            left join work using (authority)
            order by authority
            """,
            [month],
        ).fetchall()
    return [AuthorityLine(*row) for row in rows]


def grid() -> tuple[list[str], dict[str, dict[str, tuple[str, str | None]]]]:
    """Months, and authority → month → (outcome, as_of_month), of the current release."""
    with published_reader() as connection:
        if connection is None:
            return [], {}
        rows = connection.execute(
            "select distinct authority, month, max(outcome), max(as_of_month) "
            "from gm.deliveries group by authority, month order by authority, month"
        ).fetchall()
    months = sorted({row[1] for row in rows})
    cells: dict[str, dict[str, tuple[str, str | None]]] = {}
    for authority, month, outcome, as_of in rows:
        cells.setdefault(authority, {})[month] = (outcome, as_of)
    return months, cells


@dataclass(frozen=True)
class GateLine:
    """One gate of a month; `rules` lists the rules with failures or not run, with counts."""

    month: str
    gate: str
    outcome: str
    rules: str | None


def gate_lines(month: str | None = None) -> list[GateLine]:
    """Every gate of a month (default: the newest month); empty if none is recorded.

    Reads the warehouse, which also has the gates that stopped a publication. While a load writes
    the warehouse, it reads the release instead.
    """
    query = (
        "select month, gate, outcome, failed_rules from {table} "
        "where month = coalesce($1, (select max(month) from {table})) order by gate"
    )
    try:
        with open_warehouse(paths.warehouse_path(), read_only=True) as warehouse:
            rows = warehouse.execute(query.format(table="ops.gates"), [month]).fetchall()
    except duckdb.Error:
        with published_reader() as connection:
            found = connection and connection.execute(query.format(table="gm.gates"), [month])
            rows = found.fetchall() if found else []
    return [GateLine(*row) for row in rows]


def months_mapped_otherwise(months: Sequence[str]) -> list[str]:
    """The given months whose release was made with other crosswalks, reference data or shapes."""
    with published_reader() as connection:
        if connection is None:
            return []
        rows = connection.execute(
            "select month, arg_max(fingerprint_parts, release_id) from gm.releases "
            "where month in (select unnest(?)) group by month order by month",
            [list(months)],
        ).fetchall()
    now = rule_parts()["mapping"]
    return [month for month, parts in rows if parts and json.loads(parts)["mapping"] != now]


def accepted_hashes(authority: str, month: str) -> set[str]:
    """Content hashes of the accepted files of a month, from the current release."""
    with published_reader() as connection:
        if connection is None:
            return set()
        rows = connection.execute(
            "select distinct file_sha256 from gm.deliveries "
            "where authority = ? and month = ? and outcome = 'accepted'",
            [authority, month],
        ).fetchall()
    return {row[0] for row in rows}


def standing_rows_published(authority: str, before: str) -> dict[str, int]:
    """Rows accepted per dataset in the last accepted month before a month, from the release."""
    with published_reader() as connection:
        if connection is None:
            return {}
        rows = connection.execute(
            "select dataset, rows_accepted from gm.deliveries where authority = $1 "
            "and outcome = 'accepted' and month = (select max(month) from gm.deliveries "
            "where authority = $1 and outcome = 'accepted' and month < $2)",
            [authority, before],
        ).fetchall()
    return dict(rows)


def latest_releases() -> dict[str, str]:
    """Month → fingerprint of its last release; empty if a later release was rolled back.

    For such a month the warehouse differs from what is published: the next load rebuilds it.
    """
    try:
        with published_reader() as connection:
            if connection is None:
                return {}
            rows = connection.execute(
                "select month, arg_max(fingerprint, release_id), max(release_id) "
                "from gm.releases group by month"
            ).fetchall()
    except duckdb.Error:
        return {}
    undone = rolled_back_months({month: release_id for month, _, release_id in rows})
    return {month: "" if month in undone else stored for month, stored, _ in rows}


def months_behind(month: str) -> list[str]:
    """Later months that depend on a month, but whose last release is older than that month's.

    This happens when a load is killed between the two publications.
    """
    with published_reader() as connection:
        if connection is None:
            return []
        rows = connection.execute(
            "select month from gm.releases where month > $1 group by month having max(release_id) "
            "< (select max(release_id) from gm.releases where month = $1) order by month",
            [month],
        ).fetchall()
    return [row[0] for row in rows]
