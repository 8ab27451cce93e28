"""The delivery suite of one authority for one month, composed of shared rules and overrides.

Belongs here: which shared rules apply to an authority, and what an override changes in a rule.
Does not belong here: reading and checking files (`suites.py`, `seeds/override_checks.py`).
"""

from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import polars as pl

from tf_pipeline import paths
from tf_pipeline.authorities.spec import AuthorityShape
from tf_pipeline.authorities.workbook import workbook_fields
from tf_pipeline.quality.delivery_rules import (
    NUMBER,
    OVERRIDES,
    rule_field,
    rule_name,
    threshold_place,
)
from tf_pipeline.quality.expectation import columns_of, used_parameters
from tf_pipeline.rules.crosswalks import in_force, seed
from tf_pipeline.vocabulary import ANY

# dataset, field (None for a rule on the whole dataset), name of the rule
Key = tuple[str, str | None, str]


def compose(
    shared: Mapping[str, Any],
    name: str,
    shape: AuthorityShape,
    overrides: Mapping[Key, Mapping[str, str | None]],
) -> dict[str, Any]:
    """The suite `name` of one authority: the rules on what it supplies, with its overrides.

    A rule is kept if the YAML has its dataset and a heading of any time maps to its field.
    """
    fields = supplied(shape)
    optional = {dataset for dataset, opening in shape.datasets.items() if opening.optional}
    expectations = [
        _of_authority(rule, name, optional, overrides.get(rule_key(rule)))
        for rule in shared["expectations"]
        if rule["meta"]["dataset"] in shape.datasets
        and {(rule["meta"]["dataset"], column) for column in columns_of(rule)} <= fields
    ]
    used = {name for rule in expectations for name in used_parameters(rule).values()}
    defaults, meta = shared.get("suite_parameters") or {}, shared.get("meta") or {}
    return {
        "name": name,
        "expectations": expectations,
        "suite_parameters": {key: value for key, value in defaults.items() if key in used},
        "meta": {
            **meta,
            "parameters": {
                key: text for key, text in (meta.get("parameters") or {}).items() if key in used
            },
        },
    }


def supplied(shape: AuthorityShape) -> set[tuple[str, str]]:
    """Dataset and field of everything that an authority supplies, now or at another time."""
    rows = seed("crosswalks/xwalk_headings.csv")
    rows = rows.filter(pl.col("authority").is_in([shape.authority, ANY]))
    own = workbook_fields().filter(pl.col("dataset").is_in(list(shape.from_workbook)))
    return {
        *rows.select("dataset", "field").iter_rows(),
        *own.select("dataset", "field").iter_rows(),
    }


def rule_key(rule: Mapping[str, Any]) -> Key:
    """The dataset, field and name by which an override refers to a rule."""
    return rule["meta"]["dataset"], rule_field(rule), rule_name(rule)


def overrides_path() -> Path:
    """The file of the overrides."""
    return paths.expectations_dir() / f"{OVERRIDES}.csv"


def overrides_of(authority: str, month: str | None) -> dict[Key, dict[str, str | None]]:
    """The overrides of an authority that hold at the end of a month; none without a month.

    The authority's own row for a rule wins over a row for all authorities.
    """
    path = overrides_path()
    if month is None or not path.is_file():
        return {}
    rows = in_force(_overrides(path, path.stat().st_mtime_ns), month)
    overrides: dict[Key, dict[str, str | None]] = {}
    for owner in (ANY, authority):
        for row in rows.filter(authority=owner).iter_rows(named=True):
            overrides[row["dataset"], row["field"], row["rule"]] = row
    return overrides


@lru_cache
def _overrides(path: Path, _modified: int) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False)


def _of_authority(
    rule: Mapping[str, Any],
    suite: str,
    optional: Collection[str],
    override: Mapping[str, str | None] | None,
) -> dict[str, Any]:
    """A copy of a shared rule for the suite of an authority; the shared rule does not change."""
    composed = {**rule, "kwargs": dict(rule["kwargs"]), "meta": dict(rule["meta"])}
    # the id of a rule in a suite never changes
    composed["id"] = str(uuid5(NAMESPACE_URL, f"{suite}/{rule['id']}"))
    if rule["meta"]["dataset"] in optional:
        composed["meta"]["optional"] = True
    if override:
        _override(composed, override)
    return composed


def _override(rule: dict[str, Any], row: Mapping[str, str | None]) -> None:
    """Puts a row's threshold, severity and why into a rule; records what it replaces."""
    was: dict[str, Any] = {}
    place = threshold_place(rule)
    if (threshold := row["threshold"]) and place:
        part, key, kind = place
        was["threshold"] = rule[part].get(key)
        rule[part][key] = int(threshold) if kind == NUMBER else float(threshold)
    if row["severity"]:
        was["severity"] = rule["severity"]
        rule["severity"] = row["severity"]
    if row["why"]:
        rule["meta"]["why"] += f" {row['why']}"
    details = ("authority", "valid_from", "valid_to", "reviewed_by", "reviewed_on")
    rule["meta"]["override"] = {"was": was} | {name: row[name] for name in details if row[name]}
