"""Says what a failed rule means to the authority: its own heading, an accepted example."""

from difflib import get_close_matches

from tf_pipeline.calendar import month_end
from tf_pipeline.findings import Finding
from tf_pipeline.ingest.fields import NamedDataset
from tf_pipeline.naming import words_key
from tf_pipeline.quality.gate_result import ABSENT, EXISTS, GateResult, RuleResult
from tf_pipeline.rules.month_rules import MonthRules
from tf_pipeline.vocabulary import Severity

WORDS_SHOWN = 8
# what is expected where no example can be given
WANTED = (
    ("_to_not_be_null", "a value in every row"),
    ("_unique", "each only once"),
    ("expect_table_row_count", "rows, as in other months"),
)
HEADING_MISSING, COULD_NOT_RUN = "HEADING_MISSING", "GATE_COULD_NOT_RUN"


def findings_of_headings(named: dict[str, NamedDataset]) -> list[Finding]:
    """Several delivered headings for one field: which one is meant is not for us to guess.

    Held where the field is essential and the cells differ; otherwise the first is read, and said.
    """
    return [
        Finding(
            "HEADING_AMBIGUOUS",
            f"{len(headings)} headings mean the same field ({', '.join(headings)})"
            + ("" if field in one.undecided else f", of which '{headings[0]}' is read")
            + f"; expected one of them, for example '{headings[0]}' alone",
            severity=Severity.CRITICAL if field in one.undecided else Severity.WARNING,
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
        Finding(
            COULD_NOT_RUN,
            f"the rule '{rule.rule}' could not run ({rule.problem}); it says nothing about the "
            "data. Expected: the rule repaired, then the delivery loaded again",
            dataset=rule.dataset,
            responsible="gm",
        )
        for rule in gate.unrun_rules
    ]
    return findings


def is_echo(rule: RuleResult) -> bool:
    """A rule on a column that is not there repeats what the missing heading already says."""
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
    count = rule.failed or 1
    if rule.name == "HALF_ROWS":
        expected = parameters.get(f"{rule.dataset}_rows_min")
        return Finding(
            rule.name,
            f"{rule.observed} rows; expected at least {expected}, by the share of what stands "
            f"that the suite asks for. {rule.why} Expected: the whole extract",
            occurrences=1,
            **place,
        )
    of = f"{rule.failed} of {rule.checked} values: " if rule.failed and rule.checked else ""
    accepted = _accepted(rule, parameters, date_formats, rules)
    wanted = next((text for part, text in WANTED if part in rule.rule), "what the rule asks for")
    example = f" Accepted, for example: {accepted}." if accepted else f" Expected: {wanted}."
    return Finding(finding_rule(rule), f"{of}{rule.why}{example}", occurrences=count, **place)


def _missing_heading(column: str, one: NamedDataset, place: dict) -> Finding:
    expected = one.expected.get(column, [])
    wanted = " or ".join(f"'{heading}'" for heading in expected) or f"one for {column}"
    message = f"no heading for {column.replace('_', ' ')}; expected {wanted}"
    if one.unknown:
        unknown = ", ".join(f"'{heading}'" for heading in one.unknown[:WORDS_SHOWN])
        message += f". Delivered and not known: {unknown}"
        near = get_close_matches(
            words_key(expected[0]) if expected else column,
            [words_key(heading) for heading in one.unknown],
            n=1,
            cutoff=0.5,
        )
        if near:
            message += f" (perhaps '{near[0]}' is meant?)"
    message += ". Either name it as before, or have the new name added to xwalk_headings"
    heading = expected[0] if expected else None
    place |= {"heading": heading, "row": one.opened.header_row}
    return Finding(HEADING_MISSING, message, **place)


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
