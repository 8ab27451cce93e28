"""Lands a delivery: replaces an authority's month in one transaction, or records why not."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import polars as pl

from tf_pipeline.findings import Finding
from tf_pipeline.naming import ITEM, REASON, ROW
from tf_pipeline.vocabulary import Outcome
from tf_pipeline.warehouse.connect import reader
from tf_pipeline.warehouse.transaction import at_once


@dataclass(frozen=True)
class LandedDataset:
    """Rows of one dataset, ready to land, with their place in the file.

    accepted: ROW, ITEM and one text column per heading. set_aside: the same and REASON.
    `delivered`: all rows counted in the file.
    """

    dataset: str
    file_name: str
    file_sha256: str
    sheet: str | None
    date_formats: list[str]
    headings: list[str]
    accepted: pl.DataFrame
    set_aside: pl.DataFrame
    delivered: int
    rows_sha256: str = ""


def replace_month(
    connection: duckdb.DuckDBPyConnection,
    authority: str,
    month: str,
    datasets: Sequence[LandedDataset],
    findings: Sequence[Finding],
) -> None:
    """Replaces everything an authority delivered for a month, in one transaction."""
    with at_once(connection):
        tables = [
            row[0]
            for row in connection.execute(
                "select table_name from duckdb_tables() where schema_name = 'raw' "
                "and table_name not in ('attempts', 'findings')"
            ).fetchall()
        ]
        for table in tables:
            connection.execute(
                f'delete from raw."{table}" where authority = ? and month = ?', [authority, month]
            )
        for landed in datasets:
            _insert(connection, authority, month, landed)
        _record(connection, authority, month, findings)


def record_refusal(
    connection: duckdb.DuckDBPyConnection,
    authority: str,
    month: str,
    outcome: Outcome,
    datasets: Sequence[str],
    reasons: dict[str, str],
    findings: Sequence[Finding],
    delivered: Sequence[LandedDataset] = (),
) -> None:
    """Records a delivery that was held, rejected or not made; earlier rows stay untouched.

    `reasons` is dataset → why; a dataset without a reason is refused because of the others.
    """
    sizes = {d.dataset: d for d in delivered}
    general = "; ".join(sorted({f"{k}: {v}" for k, v in reasons.items()}))
    with at_once(connection):
        for dataset in datasets:
            sent = sizes.get(dataset)
            rows = sent.delivered if sent else 0
            own = reasons.get(dataset)
            connection.execute(
                "insert into raw.attempts values (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, now(), ?)",
                [
                    authority, month, dataset, outcome.value,
                    sent.file_name if sent else None, sent.file_sha256 if sent else None,
                    rows, rows, own or f"refused with the whole delivery ({general})", not own,
                ],
            )  # fmt: skip
        _record(connection, authority, month, findings)


def _insert(
    connection: duckdb.DuckDBPyConnection, authority: str, month: str, landed: LandedDataset
) -> None:
    place = [authority, month, landed.file_name, landed.sheet]
    # DuckDB finds a frame by the name of its variable
    accepted = landed.accepted  # noqa: F841
    kept_rows = connection.execute(
        f'insert into raw."{landed.dataset}" '
        f"select ?, ?, ?, ?, {ROW}, {ITEM}, {_texts(landed.headings)} from accepted",
        place,
    ).fetchall()[0][0]
    aside = landed.set_aside
    aside_rows = 0
    if aside.height:
        kept = [name for name in landed.headings if name in aside.columns]
        aside_rows = connection.execute(
            "insert into raw.set_aside "
            f"select ?, ?, ?, ?, ?, {ROW}, {REASON}, {_map(kept)} from aside",
            [authority, month, landed.dataset, landed.file_name, landed.sheet],
        ).fetchall()[0][0]
    connection.execute(
        "insert into raw.headings select ?, ?, ?, ?, ?, generate_subscripts(h, 1), unnest(h) "
        "from (select ?::varchar[] as h)",
        [authority, month, landed.dataset, landed.file_name, landed.sheet, landed.headings],
    )
    # rows counted in the file and rows now in the tables: a gate compares them
    counts = [landed.delivered, kept_rows, aside_rows]
    connection.execute(
        "insert into raw.accepted values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, now())",
        [
            authority, month, landed.dataset, landed.file_name, landed.file_sha256, landed.sheet,
            *counts, landed.date_formats,
        ],
    )  # fmt: skip
    connection.execute(
        "insert into raw.row_hashes values (?, ?, ?, ?)",
        [authority, month, landed.dataset, landed.rows_sha256],
    )
    connection.execute(
        "insert into raw.attempts values (?, ?, ?, 'accepted', ?, ?, ?, ?, ?, null, now(), false)",
        [authority, month, landed.dataset, landed.file_name, landed.file_sha256, *counts],
    )


def _texts(headings: list[str]) -> str:
    """SQL for one row's delivered texts, in the order of its headings."""
    columns = ", ".join('"' + heading.replace('"', '""') + '"' for heading in headings)
    return f"[{columns}]::varchar[]"


def _map(headings: list[str]) -> str:
    """SQL for one row's cells as a map of delivered heading → delivered text."""
    names = ", ".join("'" + heading.replace("'", "''") + "'" for heading in headings)
    return f"map([{names}]::varchar[], {_texts(headings)})"


def _record(
    connection: duckdb.DuckDBPyConnection,
    authority: str,
    month: str,
    findings: Sequence[Finding],
) -> None:
    """Replaces the findings of the last attempt for the same month."""
    connection.execute(
        "delete from raw.findings where authority = ? and month = ?", [authority, month]
    )
    for f in findings:
        connection.execute(
            "insert into raw.findings values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                authority, month, f.dataset, f.file_name, f.sheet, f.row, f.heading, f.rule,
                f.severity.value, f.responsible, f.message, f.occurrences, f.expected or None,
            ],
        )  # fmt: skip


def standing_rows(authority: str, before: str) -> dict[str, int]:
    """Rows accepted per dataset in the last accepted month before a month; empty if none."""
    with reader(f"reading the current delivery of {authority}") as connection:
        if connection is None:
            return {}
        rows = connection.execute(
            "select dataset, rows_accepted from raw.accepted where authority = ? and month = "
            "(select max(month) from raw.accepted where authority = ? and month < ?)",
            [authority, authority, before],
        ).fetchall()
    return dict(rows)
