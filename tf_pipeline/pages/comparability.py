"""The page that compares authorities: definitions, rates, differences, supply."""

from pathlib import Path
from typing import Any

import duckdb

from tf_pipeline.calendar import month_end
from tf_pipeline.pages.render import render
from tf_pipeline.rules.crosswalks import seed

FILE_NAME = "comparability.html"
GM = "gm"
# how data are collected, in words for the reader
COLLECTED = {"automatic_export": "exported", "manual_search": "searched by hand"}
SUPPLIED = {True: "yes", False: "no", None: "?"}


def write_comparability(
    connection: duckdb.DuckDBPyConnection, folder: Path, release_id: str
) -> Path:
    """Writes the page of the newest month of an open release into a folder; returns its path.

    Figures come from gm_shared, attached as `shared`, where small counts are suppressed;
    everything else comes from schema gm. It reads no rows of single families or people.
    """
    text = render("comparability.j2", **_content(connection), release_id=release_id)
    path = folder / FILE_NAME
    path.write_text(text, "utf-8")
    return path


def _content(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    month = _rows(connection, "select max(month) as month from gm.deliveries", [])[0]["month"]
    standing = _rows(
        connection,
        "select authority, max(as_of_month) as as_of_month from gm.deliveries "
        "where month = ? group by authority order by authority",
        [month],
    )
    return {
        "month": month,
        "authorities": [row["authority"] for row in standing],
        "carried": [r for r in standing if r["as_of_month"] and r["as_of_month"] != month],
        "topics": _topics(connection, month),
        "needs": _needs(connection, month),
        "sensitivity": _of_month(connection, "eligibility_sensitivity", month),
        "below": _rows(
            connection,
            "select max(threshold) as below from shared.gm_shared.suppression where month = ?",
            [month],
        )[0]["below"],
        "closures": _closures(connection, month),
        "profiles": _in_force(connection, "authority_profiles", month),
        "supply": _supply(connection, month),
        "collected": COLLECTED,
        "gm": GM,
    }


def _topics(connection: duckdb.DuckDBPyConnection, month: str) -> list[dict[str, Any]]:
    """Topics in force, needs first: GM's common definition, and each authority's row by id."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for row in _in_force(connection, "comparability", month):
        found.setdefault(row["topic"], {})[row["authority"]] = row
    needs = [need for _, need in _need_names(connection, month)]
    labels = {(r["topic"], r["meaning"]): r["label"] for r in _seed("ref_meanings")}
    others = sorted(set(found) - {r["need"] for r in _seed("ref_needs")})
    return [
        {
            "name": topic.replace("_", " "),
            "common": found[topic].pop(GM, None),
            "rows": {
                authority: row | {"label": labels.get((topic, row["meaning"]), row["definition"])}
                for authority, row in found[topic].items()
            },
        }
        for topic in [*needs, *others]
        if topic in found
    ]


def _needs(connection: duckdb.DuckDBPyConnection, month: str) -> list[dict[str, Any]]:
    """Each need with its rates by authority, including GM's own rate."""
    by_code: dict[int, dict[str, dict[str, Any]]] = {}
    for row in _of_month(connection, "need_prevalence", month):
        by_code.setdefault(row["need_code"], {})[row["authority"]] = row
    return [
        {"code": code, "name": need.replace("_", " "), "rates": by_code[code]}
        for code, need in _need_names(connection, month)
    ]


def _need_names(connection: duckdb.DuckDBPyConnection, month: str) -> list[tuple[int, str]]:
    codes = _rows(
        connection,
        "select distinct need_code from gm.need_prevalence where month = ? order by all",
        [month],
    )
    names = {int(row["need_code"]): row["need"] for row in _seed("ref_needs")}
    return [(row["need_code"], names[row["need_code"]]) for row in codes]


def _closures(connection: duckdb.DuckDBPyConnection, month: str) -> list[dict[str, Any]]:
    return _rows(
        connection,
        """
        select whole.authority, whole.is_comparable, whole.authorities_in_figure,
            whole.families as closed, whole.still_open_in_any_service as still_open,
            other.families as other, other.still_open_in_any_service as other_open
        from shared.gm_shared.closures as whole
        left join shared.gm_shared.closures as other
            on whole.month = other.month and whole.authority = other.authority
            and other.closure_reason = 'closed_other'
        where whole.month = ? and whole.closure_reason = 'all'
        order by whole.authority = 'gm', whole.authority
        """,
        [month],
    )


def _supply(connection: duckdb.DuckDBPyConnection, month: str) -> list[dict[str, Any]]:
    """One line per organisation and dataset: authority → whether it is supplied, and obstacles."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in _in_force(connection, "supply", month):
        key = (row["organisation"], row["dataset"])
        line = found.setdefault(key, {"by": {}, "obstacles": {}})
        line["by"][row["authority"]] = SUPPLIED[row["is_supplied"]]
        if row["obstacle"]:
            line["obstacles"].setdefault(row["obstacle"], []).append(row["authority"])
    return [
        {"organisation": o.replace("_", " "), "dataset": d.replace("_", " "), **line}
        for (o, d), line in sorted(found.items())
    ]


def _of_month(
    connection: duckdb.DuckDBPyConnection, table: str, month: str
) -> list[dict[str, Any]]:
    return _rows(
        connection,
        f"select * from shared.gm_shared.{table} where month = ? "
        "order by authority = 'gm', authority",
        [month],
    )


def _in_force(
    connection: duckdb.DuckDBPyConnection, table: str, month: str
) -> list[dict[str, Any]]:
    day = month_end(month)
    return _rows(
        connection,
        f"select * from gm.{table} where valid_from <= ? and coalesce(valid_to, ?) >= ? "
        "order by authority",
        [day, day, day],
    )


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, values: list[Any]
) -> list[dict[str, Any]]:
    found = connection.execute(query, values)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _seed(name: str) -> list[dict[str, Any]]:
    return list(seed(f"reference/{name}.csv").iter_rows(named=True))
