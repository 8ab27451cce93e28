"""Puts a failed rule into the authority's terms: its own heading, and an accepted example.

Belongs here: the values that the texts need.
Does not belong here: the texts (`ref_messages.csv`), deciding that a rule fails (`quality`).
"""

from dataclasses import replace
from difflib import get_close_matches

from tf_pipeline.calendar import month_end
from tf_pipeline.findings import Finding
from tf_pipeline.ingest.fields import NamedDataset
from tf_pipeline.naming import words_key
from tf_pipeline.quality.gate_result import ABSENT, EXISTS, GateResult, RuleResult
from tf_pipeline.rules.month_rules import MonthRules
from tf_pipeline.rules.rule_messages import finding

WORDS_SHOWN = 8
# part of a rule's type → the row that has its text if no example can be given
TEXTS = {
    "_to_not_be_null": "SUITE_RULE_NOT_BLANK",
    "_unique": "SUITE_RULE_UNIQUE",
    "expect_table_row_count": "SUITE_RULE_ROWS",
}
HEADING_MISSING, COULD_NOT_RUN = "HEADING_MISSING", "GATE_COULD_NOT_RUN"


def findings_of_headings(named: dict[str, NamedDataset]) -> list[Finding]:
    """Fields with several delivered headings: the pipeline does not guess which one is meant.

    Critical if the field is essential and the cells differ; otherwise the first heading is read.
    """
    return [
        finding(
            "HEADING_AMBIGUOUS" if field in one.undecided else "HEADING_SURPLUS",
            count=len(headings),
            headings=", ".join(headings),
            first=headings[0],
            dataset=dataset,
            file_name=one.opened.file_name,
            sheet=one.opened.sheet,
            heading=headings[1],
        )
        for dataset, one in named.items()
        for field, headings in one.ambiguous.items()
    ]


def findings_of_gate(
    gate: GateResult,
    named: dict[str, NamedDataset],
    parameters: dict[str, object],
    date_formats: dict[str, list[str]],
    rules: MonthRules,
) -> list[Finding]:
    """One work-list line for each rule that failed or could not run."""
    findings = [
        _finding(rule, named.get(rule.dataset or ""), parameters, date_formats, rules)
        for rule in gate.failed_rules
        if not is_echo(rule)
    ]
    findings += [
        finding(
            "GATE_COULD_NOT_RUN",
            name=rule.rule,
            problem=rule.problem,
            month=rules.month,
            dataset=rule.dataset,
        )
        for rule in gate.unrun_rules
    ]
    return findings


def is_echo(rule: RuleResult) -> bool:
    """Whether a rule only repeats that a heading is missing."""
    return rule.problem == ABSENT


def _finding(
    rule: RuleResult,
    one: NamedDataset | None,
    parameters: dict[str, object],
    date_formats: dict[str, list[str]],
    rules: MonthRules,
) -> Finding:
    place: dict = {"dataset": rule.dataset, "severity": rule.severity}
    if one is not None:
        place |= {"file_name": one.opened.file_name, "sheet": one.opened.sheet}
    if rule.rule.startswith(EXISTS) and one is not None and rule.column:
        return _missing_heading(rule.column, one, place)
    if one is not None and rule.column in one.headings:
        place["heading"] = one.headings[rule.column]
    if rule.rows:
        place["row"] = rule.rows[0]
    if rule.name == "HALF_ROWS":
        least = parameters.get(f"{rule.dataset}_rows_min")
        return finding("HALF_ROWS", observed=rule.observed, least=least, why=rule.why, **place)
    example = _accepted(rule, parameters, date_formats, rules)
    other = "SUITE_RULE" if rule.checked else "SUITE_RULE_TABLE"
    kind = next((text for part, text in TEXTS.items() if part in rule.rule), other)
    found = finding(
        "SUITE_RULE_EXAMPLE" if example else kind,
        failed=rule.failed,
        checked=rule.checked,
        observed=rule.observed,
        why=rule.why,
        example=example,
        occurrences=rule.failed or 1,
        **place,
    )
    return replace(found, rule=finding_rule(rule))


def _missing_heading(column: str, one: NamedDataset, place: dict) -> Finding:
    expected = one.expected.get(column, [])
    closest = get_close_matches(
        words_key(expected[0]) if expected else column,
        [words_key(heading) for heading in one.unknown],
        n=1,
        cutoff=0.5,
    )
    place |= {"heading": expected[0] if expected else None, "row": one.opened.header_row}
    return finding(
        "HEADING_MISSING",
        field=column.replace("_", " "),
        headings=" or ".join(f"'{heading}'" for heading in expected or [column]),
        unknown=_quoted(one.unknown[:WORDS_SHOWN]),
        closest=_quoted(closest),
        **place,
    )


def _quoted(headings: list[str]) -> str:
    return ", ".join(f"'{heading}'" for heading in headings) or "none"


def finding_rule(rule: RuleResult) -> str:
    """`expect_column_values_to_match_regex(end_date)` → `END_DATE_MATCH_REGEX`."""
    if rule.rule.startswith(EXISTS):
        return HEADING_MISSING
    if rule.name:
        return rule.name
    kind = rule.rule.split("(")[0].removeprefix("expect_").removeprefix("column_values_to_")
    return "_".join(part for part in (rule.column, kind) if part).upper()


def _accepted(
    rule: RuleResult,
    parameters: dict[str, object],
    date_formats: dict[str, list[str]],
    rules: MonthRules,
) -> str | None:
    words = parameters.get(f"words_{rule.dataset}_{rule.column}")
    if "in_set" in rule.rule and isinstance(words, list):
        return ", ".join(str(word) for word in words[:WORDS_SHOWN])
    kinds = {(one.dataset, one.name): one.data_type for one in rules.fields}
    kind = kinds.get((rule.dataset or "", rule.column or ""))
    if "regex" in rule.rule and kind in ("date", "month"):
        formats = [f for f in date_formats.get(rule.dataset or "", []) if f != "excel_serial"]
        fitting = [f for f in formats if ("%d" in f) == (kind == "date")] or formats
        return month_end(rules.month).strftime(fitting[0]) if fitting else None
    return "3" if "regex" in rule.rule and kind == "number" else None
