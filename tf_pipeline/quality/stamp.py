"""A delivery's suite, made from the fields an authority supplies.

Belongs here: which rules every delivery is asked to keep, their thresholds and their whys.
Does not belong here: where the fields come from (the crosswalks, read by the caller), and rules
across datasets (dbt tests). A stamped suite is a file like any other: thresholds may be edited.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tf_pipeline import paths
from tf_pipeline.quality.suites import check_form
from tf_pipeline.vocabulary import Severity

# a row without one of these belongs to nobody: no table can hold it, the work list does
IDENTITIES = {
    "families": ("local_family_id",),
    "people": ("local_family_id", "local_person_id"),
    "needs": ("local_family_id",),
    "incidents": ("local_family_id",),
    "interventions": ("local_family_id",),
    "benefits": ("local_person_id",),
    "claims": ("claim_id",),
}
# a delivery with far fewer of these waits for a person's word
HELD_WHEN_HALVED = ("families", "people")
HALF_ROWS = "HALF_ROWS"
# rows that must come for each that stands from the last accepted month; a suite may say another
USUAL_SHARE = 0.5
# one row each; of a second one only the first row's dates and group stand
UNIQUE = {"families": "local_family_id"}
# share of rows that must say whose they are
PLACED_ROWS = 0.95
# shares of filled cells that must read as what they are
READABLE_DATES = 0.95
READABLE_NUMBERS = 0.99
KNOWN_WORDS = 0.95


@dataclass(frozen=True)
class Field:
    """One canonical field that an authority supplies in a dataset, from the reference data.

    `data_type` is id, text, name, date, month, number, word or list; `domain` is the list of
    canonical values a word belongs to, empty for others.
    """

    dataset: str
    name: str
    data_type: str
    is_essential: bool
    domain: str = ""


def stamp_delivery_suite(
    authority: str, fields: Mapping[str, Sequence[Field]], optional: Collection[str] = ()
) -> dict[str, Any]:
    """The suite `delivery.<authority>` as Great Expectations' JSON; the same input, the same suite.

    `fields` are the authority's fields by dataset; `optional` names datasets whose absence is no
    failure. The parameters that a gate must then be given are listed in `meta.parameters`.
    """
    name = f"delivery.{authority}"
    expectations: list[dict[str, Any]] = []
    parameters: dict[str, str] = {}
    for dataset in sorted(fields):
        supplied = sorted(fields[dataset], key=lambda field: field.name)
        for rule in _rules(dataset, supplied):
            for parameter, meaning in rule.parameters.items():
                parameters[parameter] = meaning
            expectations.append(rule.to_expectation(name, dataset, dataset in optional))
    suite = {
        "name": name,
        "expectations": expectations,
        "suite_parameters": {},
        "meta": {"parameters": parameters},
    }
    check_form(suite, f"{name}.json")
    return suite


def write_suite(suite: Mapping[str, Any]) -> Path:
    """Write a suite to `expectations/<name>.json`, sorted and indented, and return the path."""
    path = paths.expectations_dir() / f"{suite['name']}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(suite, indent=2, sort_keys=True, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
    return path


@dataclass(frozen=True)
class _Rule:
    """One expectation before it has a suite; `purpose` tells two of one type apart."""

    type: str
    kwargs: Mapping[str, Any]
    severity: Severity
    why: str
    purpose: str = ""
    parameter: str = ""
    meaning: str = ""
    rule: str = ""
    share_of_last: float | None = None

    @property
    def parameters(self) -> dict[str, str]:
        return {self.parameter: self.meaning} if self.parameter else {}

    def to_expectation(self, suite: str, dataset: str, optional: bool) -> dict[str, Any]:
        column = self.kwargs.get("column", "")
        identity = f"{suite}/{dataset}/{self.type}/{column}/{self.purpose}"
        meta: dict[str, Any] = {"dataset": dataset, "why": self.why}
        if optional:
            meta["optional"] = True
        if self.rule:
            meta["rule"] = self.rule
        if self.share_of_last is not None:
            meta["share_of_last"] = self.share_of_last
        return {
            "id": str(uuid5(NAMESPACE_URL, identity)),
            "type": self.type,
            "kwargs": dict(self.kwargs),
            "severity": self.severity.value,
            "meta": meta,
        }


def _rules(dataset: str, fields: Sequence[Field]) -> Iterator[_Rule]:
    yield _Rule(
        "expect_table_row_count_to_be_between",
        {"min_value": 1},
        Severity.CRITICAL,
        f"A {dataset} file without a row would empty what stands for this authority.",
        purpose="any",
    )
    rows_min = f"{dataset}_rows_min"
    yield _Rule(
        "expect_table_row_count_to_be_between",
        {"min_value": {"$PARAMETER": rows_min}},
        Severity.CRITICAL if dataset in HELD_WHEN_HALVED else Severity.WARNING,
        f"Far fewer rows of {dataset} than stand from the last month are a sign of a partial file.",
        purpose="partial",
        parameter=rows_min,
        meaning=f"fewest rows of {dataset} to expect: share_of_last of what stands, if any does",
        rule=HALF_ROWS,
        share_of_last=USUAL_SHARE,
    )
    for field in fields:
        yield _Rule(
            "expect_column_to_exist",
            {"column": field.name},
            Severity.CRITICAL if field.is_essential else Severity.WARNING,
            f"The baseline cannot be built from {dataset} without {_spoken(field.name)}."
            if field.is_essential
            else f"{_spoken(field.name).capitalize()} usually comes with {dataset}; without it "
            "those values are not held.",
        )
    names = {field.name for field in fields}
    for identity in sorted(names.intersection(IDENTITIES.get(dataset, ()))):
        yield _Rule(
            "expect_column_values_to_not_be_null",
            {"column": identity, "mostly": PLACED_ROWS},
            Severity.CRITICAL,
            f"A row of {dataset} without {_spoken(identity)} belongs to nobody.",
        )
    if UNIQUE.get(dataset) in names:
        yield _Rule(
            "expect_column_values_to_be_unique",
            {"column": UNIQUE[dataset]},
            Severity.WARNING,
            "A family listed twice counts once: what its second row says is not used.",
        )
    for field in fields:
        yield from _readable(field)


def _readable(field: Field) -> Iterator[_Rule]:
    """The rule that a field's filled cells can be read as its data type, where there is one."""
    severity = Severity.CRITICAL if field.is_essential else Severity.WARNING
    spoken = _spoken(field.name)
    if field.data_type in ("date", "month"):
        yield _Rule(
            "expect_column_values_to_match_regex",
            {
                "column": field.name,
                "regex": {"$PARAMETER": f"date_pattern_{field.dataset}"},
                "mostly": READABLE_DATES,
            },
            severity,
            f"{spoken.capitalize()} in a form that nobody declared would be lost or misread.",
            parameter=f"date_pattern_{field.dataset}",
            meaning="regular expression, from ^ to $, of every date form and word that may stand "
            "in a date's place",
        )
    elif field.data_type == "number":
        yield _Rule(
            "expect_column_values_to_match_regex",
            {
                "column": field.name,
                "regex": {"$PARAMETER": "number_pattern"},
                "mostly": READABLE_NUMBERS,
            },
            severity,
            f"What is neither a number nor a known word cannot be counted as {spoken}.",
            parameter="number_pattern",
            meaning="regular expression, from ^ to $, of a plain number or a word for no value",
        )
    elif field.data_type == "list":
        pattern = f"list_pattern_{field.dataset}_{field.name}"
        yield _Rule(
            "expect_column_values_to_match_regex",
            {"column": field.name, "regex": {"$PARAMETER": pattern}, "mostly": KNOWN_WORDS},
            severity,
            f"Words in {spoken} that the crosswalk does not have would be left out.",
            parameter=pattern,
            meaning=f"regular expression, from ^ to $, of a list of known words for {spoken}",
        )
    elif field.data_type == "word":
        words = f"words_{field.dataset}_{field.name}"
        yield _Rule(
            "expect_column_values_to_be_in_set",
            {"column": field.name, "value_set": {"$PARAMETER": words}, "mostly": KNOWN_WORDS},
            severity,
            f"Many words for {spoken} that the crosswalk does not have mean that the authority "
            "has changed its list.",
            parameter=words,
            meaning=f"words for {spoken} in {field.dataset} that the crosswalk has",
        )


def _spoken(name: str) -> str:
    return name.replace("_", " ")
