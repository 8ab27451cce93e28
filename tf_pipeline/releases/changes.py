"""What a release changes: why it was made, and which published summary figures changed."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from tf_pipeline import paths
from tf_pipeline.dbt.grains import grain
from tf_pipeline.releases.contract import BY_MONTH, WHOLE
from tf_pipeline.releases.differences import ROW_LEVEL, differences
from tf_pipeline.rules.rule_parts import rule_parts
from tf_pipeline.warehouse.contents import Part, Rows, contents
from tf_pipeline.warehouse.opening import attach, in_memory, quoted

STANDING_SQL = """
with latest as (
    select authority, max(month) as as_of_month
    from warehouse.raw.accepted
    where month <= $1
    group by authority
)

select
    latest.authority,
    any_value(latest.as_of_month) || ' ' || left(sha256(string_agg(
        concat_ws(' ', dataset, file_sha256, sheet), ',' order by dataset, file_sha256, sheet
    )), 16),
from latest
inner join warehouse.raw.accepted as accepted
    on latest.authority = accepted.authority and latest.as_of_month = accepted.month
group by latest.authority
order by latest.authority
"""
REFUSED_SQL = """
select
    authority,
    max(outcome) || ' ' || left(sha256(string_agg(
        concat_ws(' ', dataset, file_sha256), ',' order by dataset, file_sha256
    )), 16),
from warehouse.gm.deliveries
where month = $1 and outcome in ('held', 'rejected')
group by authority
order by authority
"""


def parts_of(connection: duckdb.DuckDBPyConnection, month: str) -> dict:
    """The parts that determine a month; the connection has the warehouse attached.

    standing (current accepted delivery), refused: authority → which delivery.
    mapping, declarations, code: a hash.
    """
    standing = dict(connection.execute(STANDING_SQL, [month]).fetchall())
    refused = dict(connection.execute(REFUSED_SQL, [month]).fetchall())
    return {"standing": standing, "refused": refused, **rule_parts()}


def why(connection: duckdb.DuckDBPyConnection, month: str, parts: Mapping) -> str:
    """Why a month is published, in the words of gm.releases.why.

    Compares the month with its last release that is recorded in the connection's own file.
    """
    last = connection.execute(
        "select fingerprint_parts from gm.releases where month = ? "
        "order by release_id desc limit 1",
        [month],
    ).fetchone()
    held = connection.execute("select arg_max(months_held, release_id) from gm.releases").fetchone()
    is_late = bool(held and held[0] and month < max(held[0].split()))
    new = "late_delivery" if is_late else "new_delivery"
    if last is None:
        return new
    if last[0] is None:
        return "not_known"
    before = json.loads(last[0])
    found = {
        _of_delivery(before["standing"].get(authority, ""), delivery, month, new)
        for authority, delivery in parts["standing"].items()
    }
    found |= {"corrected_delivery"} if set(before["standing"]) - set(parts["standing"]) else set()
    if set(parts["refused"].items()) - set(before["refused"].items()):
        found.add("refused_delivery")
    if before["mapping"] != parts["mapping"]:
        found.add("mapping")
    if any(before[part] != parts[part] for part in ("declarations", "code")):
        found.add("rule")
    return ", ".join(sorted(found - {""})) or "again"


def _of_delivery(before: str, after: str, month: str, new: str) -> str:
    """How an authority's current accepted delivery changed; empty if it did not."""
    if before == after:
        return ""
    was, now = before.partition(" ")[0], after.partition(" ")[0]
    if was >= now:
        return "corrected_delivery"
    # a newer delivery is current: the month's own, or a late one of a month in between
    return new if now == month else "late_delivery"


def alike(previous: Path | None, month: str) -> set[str]:
    """Tables whose content for a month is equal in a release and in the warehouse."""
    if previous is None:
        return set()
    parts = [Part("gm", t, Rows.OF_MONTH) for t in BY_MONTH] + [Part("gm", t) for t in WHOLE]
    with _side_by_side(previous) as connection:
        before = contents(connection, parts, month, "before")
        after = contents(connection, parts, month, "after")
    return {part.table for part in parts if part in before and before[part] == after.get(part)}


def figures_changed(previous: Path | None, month: str, same: Collection[str] = ()) -> str:
    """Which summary figures of a release differ from those in the warehouse, in words and counts.

    Compares, for that month, the tables whose rows are not single families or people. Skips the
    tables in `same`, which are known to be equal.
    """
    if previous is None:
        return "first release"
    parts = []
    tables = [t for t in _summary_tables([*BY_MONTH, *WHOLE]) if t not in same]
    with _side_by_side(previous) as connection:
        shapes = {t: [_shape(connection, side, t) for side in ("before", "after")] for t in tables}
        is_held = connection.execute(
            "select exists (select 1 from before.gm.deliveries where month = ?)", [month]
        ).fetchall()[0][0]
    if not is_held:
        parts.append(f"{month}: a new month")
        tables = [t for t in tables if t in WHOLE]
    reshaped = [t for t in tables if shapes[t][0] != shapes[t][1]]
    parts += [f"{t}: {'other columns' if shapes[t][0] else 'a new table'}" for t in reshaped]
    grains = {("gm", t): grain(t) for t in tables if t not in reshaped}
    for one in differences(previous, paths.warehouse_path(), grains, month):
        moved = [_in_words(row) for row in one.rows.iter_rows(named=True)]
        if moved:
            parts.append(f"{one.table}: {', '.join(moved)}")
    return "; ".join(parts) or "none"


@contextmanager
def _side_by_side(previous: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A release attached as `before` and the warehouse as `after`."""
    with in_memory(paths.warehouse_path().parent) as connection:
        connection.execute(f"attach {quoted(previous)} as before (read_only)")
        attach(connection, paths.warehouse_path(), "after")
        yield connection


def _summary_tables(tables: Sequence[str]) -> list[str]:
    return [t for t in tables if grain(t) and not any(c.endswith(ROW_LEVEL) for c in grain(t))]


def _shape(connection: duckdb.DuckDBPyConnection, side: str, table: str) -> set[tuple]:
    found = connection.execute(
        "select column_name, data_type from duckdb_columns() "
        "where database_name = ? and schema_name = 'gm' and table_name = ?",
        [side, table],
    ).fetchall()
    return set(found)


def _in_words(row: Mapping) -> str:
    counts = [f"{row[what]} {what}" for what in ("changed", "added", "gone") if row[what]]
    return f"{row['authority']} {' '.join(counts)}"
