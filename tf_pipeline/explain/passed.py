"""The gates a figure passed: those of its deliveries, its upstream models and its publication."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import duckdb

from tf_pipeline import paths
from tf_pipeline.explain.cell import Cell
from tf_pipeline.naming import delivery_key, suite_name

# tables that Python lands share one gate, except for the pseudonyms
REF = re.compile(r"(?:ref\(|source\(\s*'restricted',)\s*'(\w+)'\s*\)")
CALL = re.compile(r"(\w+)\(")
MACRO = re.compile(r"{%-?\s*macro\s+(\w+)\(.*?endmacro\s*-?%}", re.DOTALL)
# gates that every release passes
STANDING, PUBLICATION = "raw.standing", "published.gm_baseline"
LAYERS = ["delivery", "standing", "reference", "staging", "intermediate", "marts", "publication"]


@dataclass(frozen=True)
class Gate:
    """One gate's last result for a month; `said` names the rules with failures or not run."""

    month: str
    gate: str
    outcome: str
    rules: int
    rows: int
    ran_at: datetime
    said: str | None


def model_file(table: str) -> str | None:
    """Path in the repository of the SQL that makes a table; None if no model makes it."""
    path = _models().get(table)
    return str(path.relative_to(paths.dbt_dir().parent)) if path else None


def gates_passed(connection: duckdb.DuckDBPyConnection, cell: Cell) -> list[Gate]:
    """Gates of the month's publication, and of the deliveries that are current in it.

    For a table without months, the gates of its last publication.
    """
    upstream = _upstream(cell.table)
    found = connection.execute(
        """
        with months as (
            select coalesce($month, max(month)) as month from gm.releases
        )

        select gates.month, gates.gate, gates.outcome, gates.rules, gates.rows_checked,
            gates.ran_at, gates.failed_rules
        from gm.gates as gates
        cross join months
        where
            (gates.month = months.month
                and (list_contains($tables, split_part(gates.gate, '.', 2))
                    or list_contains($always, gates.gate)))
            or exists (
                select 1 from deliveries_read as read
                where read.month = gates.month and gates.gate = $delivery || read.authority
            )
        order by list_position($layers, gates.layer), gates.ran_at, gates.gate
        """,
        {
            "month": cell.row.get("month"),
            "tables": sorted(upstream | {cell.table}),
            "always": [STANDING, PUBLICATION],
            "delivery": suite_name(delivery_key("")),
            "layers": LAYERS,
        },
    ).fetchall()
    return [Gate(*row) for row in found]


def _upstream(table: str) -> set[str]:
    """Every model and seed upstream of a table, found by the names in its SQL."""
    found: set[str] = set()
    new = {table}
    while new:
        found |= new
        new = {name for one in new for name in _named_in(one)} - found
    return found - {table}


@lru_cache
def _named_in(table: str) -> frozenset[str]:
    path = _models().get(table)
    if path is None:
        return frozenset()
    text = path.read_text("utf-8")
    called = {name for name in CALL.findall(text) if name in _macros()}
    return frozenset(REF.findall(text)).union(*(_macros()[name] for name in called))


@lru_cache
def _models() -> dict[str, Path]:
    models = paths.dbt_dir() / "models"
    return {path.stem: path for kind in ("*.sql", "*.py") for path in models.rglob(kind)}


@lru_cache
def _macros() -> dict[str, frozenset[str]]:
    """Macro → the models and seeds it refers to."""
    texts = [path.read_text("utf-8") for path in (paths.dbt_dir() / "macros").rglob("*.sql")]
    return {
        found[1]: frozenset(REF.findall(found[0]))
        for text in texts
        for found in MACRO.finditer(text)
    }
