"""What a row of `expectations/delivery_overrides.csv` may say.

Belongs here: its columns, its known words, and that a weaker critical rule has a reason.
Does not belong here: reading the file (`seed_files.py`), overlapping dates (`seed_checks.py`).
"""

import re
from collections.abc import Iterator

import polars as pl

from tf_pipeline.authorities import registry
from tf_pipeline.naming import delivery_key, suite_name
from tf_pipeline.quality.delivery_rules import NUMBER, OVERRIDES, SHARE
from tf_pipeline.quality.delivery_suite import rule_key
from tf_pipeline.quality.suites import SuiteProblem, read_suite
from tf_pipeline.seeds.seed_files import LINE, Declared, RuleFinding, empty_cells, wrong_roles
from tf_pipeline.seeds.word_rule import Known, Seeds, among, of
from tf_pipeline.vocabulary import ANY, Severity

FILE = f"{OVERRIDES}.csv"
# the rules of the shared suite, as a table among the seeds
RULES = "delivery_rules"
WORD, DAY = "varchar", "date"
DECLARED = Declared(
    columns={
        "authority": WORD, "dataset": WORD, "field": WORD, "rule": WORD, "threshold": WORD,
        "severity": WORD, "why": WORD, "valid_from": DAY, "valid_to": DAY, "reviewed_by": WORD,
        "reviewed_on": DAY, "note": WORD,
    },
    grain=("authority", "dataset", "field", "rule", "valid_from"),
)  # fmt: skip
# a kind of threshold → the form of its cells, and what is accepted
FORMS = {
    SHARE: (r"0(\.\d+)?|1(\.0+)?", "share; accepted: from 0 to 1, such as 0.9"),
    NUMBER: (r"\d{1,9}", "number of rows; accepted: a whole number such as 1"),
}


def _of_fields(seeds: Seeds) -> pl.DataFrame:
    rules = seeds[RULES].filter(pl.col("field").is_not_null())
    return rules.select("dataset", "field", "rule")


def _of_datasets(seeds: Seeds) -> pl.DataFrame:
    return seeds[RULES].filter(pl.col("field").is_null()).select("dataset", "rule")


KNOWN_OVERRIDES = (
    Known(
        OVERRIDES, "dataset", "DATASET_UNKNOWN", "dataset of delivery.json", of(RULES, "dataset")
    ),
    Known(
        OVERRIDES, "field", "FIELD_UNKNOWN", "field of {dataset} in delivery.json",
        lambda seeds: _of_fields(seeds).select("dataset", "field"), within=("dataset",),
        empty=True,
    ),
    Known(
        OVERRIDES, "rule", "RULE_UNKNOWN", "rule on {dataset}.{field} in delivery.json",
        _of_fields, within=("dataset", "field"),
    ),
    Known(
        OVERRIDES, "rule", "RULE_UNKNOWN",
        "rule on all of {dataset} in delivery.json (a rule on a field needs its field)",
        _of_datasets, within=("dataset",), where=pl.col("field").is_null(),
    ),
    Known(
        OVERRIDES, "severity", "SEVERITY_UNKNOWN", "severity",
        among(*(one.value for one in Severity)), empty=True,
    ),
)  # fmt: skip


def override_findings(seeds: Seeds) -> Iterator[RuleFinding]:
    """Rows that change nothing, that no role reviewed, or that weaken a critical rule silently."""
    rows = seeds[OVERRIDES]
    yield from empty_cells(FILE, rows, "reviewed_on")
    reviewed = rows.with_columns(pl.col("reviewed_by").fill_null(""))
    yield from wrong_roles(FILE, reviewed, "reviewed_by")
    ruled = rows.join(
        seeds[RULES].rename({"severity": "severity_was", "threshold": "threshold_was"}),
        on=["dataset", "field", "rule"],
        nulls_equal=True,
        maintain_order="left",
    )
    yield from _of_nobody(ruled)
    for row in ruled.iter_rows(named=True):
        for rule, message in _wrong(row):
            yield RuleFinding(FILE, row[LINE], rule, message)


def _of_nobody(ruled: pl.DataFrame) -> Iterator[RuleFinding]:
    """FIELD_NOT_SUPPLIED for a row on a rule that the authority's deliveries are not asked."""
    asked: dict[str, set] = {}
    for row in ruled.iter_rows(named=True):
        whose, names = row["authority"], registry.authorities()
        if whose not in (ANY, *names):
            continue
        if whose not in asked:
            asked[whose] = set().union(*map(_asked_of, names if whose == ANY else [whose]))
        if (row["dataset"], row["field"], row["rule"]) not in asked[whose]:
            what = ".".join(filter(None, (row["dataset"], row["field"])))
            who = "no authority supplies" if whose == ANY else f"{whose} does not supply"
            message = f"{who} {what}, so the row would change nothing; accepted: a field that "
            message += "the deliveries have, or first a row of xwalk_headings.csv for its heading"
            yield RuleFinding(FILE, row[LINE], "FIELD_NOT_SUPPLIED", message)


def _asked_of(authority: str) -> set[tuple[str, str | None, str]]:
    try:
        suite = read_suite(suite_name(delivery_key(authority)))
    except SuiteProblem:
        # its YAML is at fault, and its load says so
        return set()
    return {rule_key(rule) for rule in suite["expectations"]}


def _wrong(row: dict) -> Iterator[tuple[str, str]]:
    threshold, kind = row["threshold"], row["kind"]
    if threshold is None and row["severity"] is None:
        message = "neither threshold nor severity; accepted: one of them, such as threshold 0.9"
        yield "CHANGES_NOTHING", message
        return
    weaker = []
    if threshold is not None and kind is None:
        yield (
            "THRESHOLD_NOT_EXPECTED",
            f"{row['rule']} has no threshold; accepted: threshold empty, such as severity warning",
        )
    elif threshold is not None:
        form, accepted = FORMS[kind]
        if not re.fullmatch(form, threshold):
            yield "THRESHOLD_UNREADABLE", f"threshold '{threshold}' is no {accepted}"
        elif float(threshold) < row["threshold_was"]:
            weaker.append(f"threshold {row['threshold_was']:g} to {threshold}")
    if row["severity"] not in (None, Severity.CRITICAL):
        weaker.append(f"severity critical to {row['severity']}")
    if weaker and row["severity_was"] == Severity.CRITICAL and row["why"] is None:
        yield (
            "REASON_MISSING",
            f"a critical rule becomes weaker ({'; '.join(weaker)}) without a why; accepted: a "
            "reason such as 'Dates are typed by hand until the new system starts.'",
        )
