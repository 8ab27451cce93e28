"""Pages for a lead: what each gate found in a month.

Belongs here: writing the pages of a month and the index of all months.
Does not belong here: deciding an outcome (`gate.py`); removing values (a result has none).
Great Expectations' Data Docs fetch styles and scripts from other hosts, and need the library in
every load. These pages open without a network.
"""

import json
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from tf_pipeline import paths
from tf_pipeline.files import write_whole
from tf_pipeline.quality.asked import asked_in_words
from tf_pipeline.quality.gate_result import (
    GateResult,
    RuleResult,
    describe_found,
    describe_rule,
)
from tf_pipeline.vocabulary import GateOutcome
from tf_pipeline.warehouse.private import for_the_group

TEMPLATES = Path(__file__).parent / "templates"
MONTH_FILE = "month.json"
# worst first
OUTCOMES = tuple(reversed(GateOutcome))
STATES = ("Critical failed", "Other failed", "Under the threshold", "Could not run")


def write_gate_pages(
    results: Sequence[GateResult], title: str, month: str, replace_month: bool = True
) -> Path:
    """Write a page for each gate and the indexes; returns the index of all months.

    Pages of other months stay. The month's earlier pages are removed; with `replace_month` False
    only the pages of these suites are replaced, so that gates can be added one after the other.
    """
    folder = paths.gate_pages_dir() / month
    if replace_month and folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    gates = {gate["suite"]: gate for gate in _read_month(folder).get("gates", [])}
    for result in results:
        page = _page(result, title, month)
        write_whole(folder / f"{result.suite}.html", page)
        gates[result.suite] = result.summary()
    record = {
        "month": month,
        "title": title,
        "written": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "gates": sorted(gates.values(), key=lambda gate: gate["suite"]),
    }
    write_whole(folder / MONTH_FILE, json.dumps(record, indent=1))
    write_whole(folder / "index.html", _month_index(record))
    index = paths.gate_pages_dir() / "index.html"
    write_whole(index, _months_index())
    # leads may read the pages, because they hold only counts
    above = (paths.gate_pages_dir().parent, paths.gate_pages_dir(), folder)
    for_the_group(*above, index, *folder.iterdir())
    return index


@lru_cache(maxsize=1)
def _templates() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )


def _page(result: GateResult, title: str, month: str) -> str:
    datasets = dict.fromkeys(rule.dataset for rule in result.rules)
    return (
        _templates()
        .get_template("gate_page.j2")
        .render(
            gate=result.summary(),
            outcome=result.outcome.in_words,
            below=[describe_rule(rule) for rule in result.rules_below],
            tables=[_table(result, dataset) for dataset in datasets],
            title=title,
            month=month,
        )
    )


def _table(result: GateResult, dataset: str | None) -> dict[str, Any]:
    """The rules of one table: those that need a lead's attention first."""
    rules = sorted(
        (rule for rule in result.rules if rule.dataset == dataset),
        key=lambda rule: (rule.passed is True, not rule.could_not_run, not rule.failed),
    )
    return {
        "name": dataset or "Rules",
        "rules": [
            {
                "mark": _mark(rule),
                "asked": asked_in_words(
                    rule.rule.split("(", 1)[0], result.asked.get(rule.expectation_id, {})
                ),
                "found": describe_found(rule),
                "severity": rule.severity.value,
                "why": rule.why,
                "rows": ", ".join(map(str, rule.rows)),
            }
            for rule in rules
        ],
    }


def _mark(rule: RuleResult) -> str:
    if rule.passed is None:
        return "!" if rule.could_not_run else ""
    return "✓" if rule.passed else "✗"


def _month_index(record: Mapping[str, Any]) -> str:
    rows = [
        {
            "name": gate["suite"],
            "href": f"{gate['suite']}.html",
            "outcomes": [{"name": gate["outcome"], "text": GateOutcome(gate["outcome"]).in_words}],
            "cells": [
                f"{gate['rows']:,}",
                gate["rules"],
                gate["rules_failed_critical"],
                gate["rules_failed_warning"] + gate["rules_failed_info"],
                gate.get("rules_passed_with_failures", ""),
                gate["rules_could_not_run"],
            ],
        }
        for gate in record["gates"]
    ]
    return (
        _templates()
        .get_template("gate_index.j2")
        .render(
            heading=f"Gates of {record['month']}",
            note=f"{record['title']} · written {record['written']}",
            up="../index.html",
            columns=["Gate", "Outcome", "Rows", "Rules", *STATES],
            rows=rows,
        )
    )


def _months_index() -> str:
    rows = []
    for file in sorted(paths.gate_pages_dir().glob(f"*/{MONTH_FILE}"), reverse=True):
        record = _read_month(file.parent)
        counts = Counter(gate["outcome"] for gate in record["gates"])
        outcomes = [
            {"name": name.value, "text": f"{counts[name.value]} {name.in_words}"}
            for name in OUTCOMES
            if counts[name.value]
        ]
        rows.append(
            {
                "name": record["month"],
                "href": f"{file.parent.name}/index.html",
                "outcomes": outcomes,
                "cells": [len(record["gates"]), record["written"]],
            }
        )
    return (
        _templates()
        .get_template("gate_index.j2")
        .render(
            heading="Results of the gates, by month",
            note="These pages show counts, and no value of any row.",
            up=None,
            columns=["Month", "Outcomes", "Gates", "Written"],
            rows=rows,
        )
    )


def _read_month(folder: Path) -> dict[str, Any]:
    file = folder / MONTH_FILE
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
