"""Fix packs from a release: its work list, deliveries, gates and supply register."""

from pathlib import Path

import duckdb

from tf_pipeline import paths
from tf_pipeline.calendar import month_end
from tf_pipeline.errors import UserFacingError
from tf_pipeline.files import write_whole
from tf_pipeline.findings import Finding
from tf_pipeline.naming import delivery_key, suite_name
from tf_pipeline.pages.pack import DatasetLine, Pack, gate_in_words, gone_of, tasks_of
from tf_pipeline.pages.pack_files import own_folder, write_pack
from tf_pipeline.rules.rule_messages import finding
from tf_pipeline.vocabulary import Outcome, Severity
from tf_pipeline.warehouse.connect import published_reader

# this file next to a month's packs names the release that all of them come from
OF_RELEASE = ".release"


class NoSuchPack(UserFacingError):
    """The release lacks this month or authority; the message lists those it has."""


def write_pack_of(month: str, authority: str, folder: Path | None = None) -> list[Path]:
    """Writes the pack of one authority and month of the current release; returns its files.

    Raises NoSuchPack, which lists what exists.
    """
    with published_reader() as connection:
        if connection is None:
            raise NoSuchPack("nothing has been published yet; load a month first")
        pack = pack_of_release(connection, month, authority)
    return write_pack(pack, folder or own_folder(month, authority))


def write_all_packs(month: str) -> Path:
    """Writes all authorities' packs for a month of the current release; returns their folder."""
    with published_reader() as connection:
        if connection is None:
            raise NoSuchPack("nothing has been published yet; load a month first")
        for authority in _authorities(connection, month):
            write_pack(pack_of_release(connection, month, authority), own_folder(month, authority))
        write_whole(paths.packs_dir() / month / OF_RELEASE, _release_of(connection, month))
    return paths.packs_dir() / month


def packs_are_whole(month: str) -> bool:
    """Whether all packs of a month are from its last release; False if writing was interrupted."""
    marker = paths.packs_dir() / month / OF_RELEASE
    with published_reader() as connection:
        return connection is None or (
            marker.exists() and marker.read_text() == _release_of(connection, month)
        )


def _release_of(connection: duckdb.DuckDBPyConnection, month: str) -> str:
    found = connection.execute(
        "select coalesce(max(release_id), '') from gm.releases where month = ?", [month]
    )
    return found.fetchall()[0][0]


def pack_of_release(connection: duckdb.DuckDBPyConnection, month: str, authority: str) -> Pack:
    """The pack of one authority and month of an open release; raises NoSuchPack."""
    delivered = connection.execute(
        "select dataset, file_name, rows_delivered, rows_accepted, rows_set_aside, reason, "
        "outcome, as_of_month from (from gm.deliveries "
        # an older release has no such column
        "union all by name select false as is_refused_with_others where false) "
        "where month = ? and authority = ? "
        "order by coalesce(is_refused_with_others, false), dataset",
        [month, authority],
    ).fetchall()
    if not delivered:
        raise NoSuchPack(_what_there_is(connection, month, authority))
    before = _month_before(connection, month, authority)
    lines = _lines(connection, month, authority)
    supply = _supply(connection, month, authority)
    earlier = None
    if before:
        earlier = _lines(connection, before, authority) + _supply(connection, before, authority)
    outcome = Outcome(delivered[0][6])
    return Pack(
        authority=authority,
        month=month,
        outcome=outcome,
        as_of_month=max((row[7] for row in delivered if row[7]), default=None),
        reason=next((row[5] for row in delivered if row[5]), None),
        datasets=sorted(
            (
                DatasetLine(row[0], row[1], row[2] or 0, row[3] or 0, row[4] or 0, row[5])
                for row in delivered
            ),
            key=lambda one: one.dataset,
        ),
        tasks=tasks_of(lines + supply, earlier),
        lines=lines,
        gone=gone_of(lines + supply, earlier, outcome is Outcome.ACCEPTED),
        month_before=before,
        gate=_gate(connection, month, authority),
    )


def _lines(connection: duckdb.DuckDBPyConnection, month: str, authority: str) -> list[Finding]:
    rows = connection.execute(
        'select rule, message, severity, dataset, file_name, sheet, "row", heading, responsible, '
        "occurrences from gm.work_list where month = ? and authority = ? "
        'order by dataset, file_name, sheet, "row", heading, item',
        [month, authority],
    ).fetchall()
    return [Finding(rule, text, Severity(how), *rest) for rule, text, how, *rest in rows]


def _supply(connection: duckdb.DuckDBPyConnection, month: str, authority: str) -> list[Finding]:
    """Data that a partner does not supply to this authority; leaves out what is not known."""
    rows = connection.execute(
        "select organisation, dataset, obstacle from gm.supply where authority = $1 "
        "and is_supplied = false and valid_from <= $2 and coalesce(valid_to, $2) >= $2 "
        "order by all",
        [authority, month_end(month)],
    ).fetchall()
    return [
        finding(
            "NOT_SUPPLIED",
            data=dataset.replace("_", " ").capitalize(),
            obstacle=obstacle or "not known",
            responsible=organisation,
        )
        for organisation, dataset, obstacle in rows
    ]


def _gate(connection: duckdb.DuckDBPyConnection, month: str, authority: str) -> str | None:
    row = connection.execute(
        "select outcome, rules, rules_failed, rows_checked, failed_rules from gm.gates "
        "where month = ? and gate = ?",
        [month, suite_name(delivery_key(authority))],
    ).fetchone()
    if row is None:
        return None
    return gate_in_words(*row)


def _month_before(connection: duckdb.DuckDBPyConnection, month: str, authority: str) -> str | None:
    row = connection.execute(
        "select max(month) from gm.deliveries where month < ? and authority = ?",
        [month, authority],
    ).fetchone()
    return row[0] if row else None


def _authorities(connection: duckdb.DuckDBPyConnection, month: str) -> list[str]:
    rows = connection.execute(
        "select distinct authority from gm.deliveries where month = ? order by 1", [month]
    ).fetchall()
    return [row[0] for row in rows]


def _what_there_is(connection: duckdb.DuckDBPyConnection, month: str, authority: str) -> str:
    if there := _authorities(connection, month):
        return f"{month} has no authority '{authority}'; expected one of {', '.join(there)}"
    months = connection.execute("select distinct month from gm.deliveries order by 1").fetchall()
    return f"{month} is not published; published months: {', '.join(row[0] for row in months)}"
