"""Pages a lead opens: what each gate found in a month, rendered by Great Expectations.

Belongs here: writing the pages of a month and the index over all months.
Does not belong here: deciding an outcome (`gate.py`); removing values (`gx_adapter.py` has
done so before a result gets here).
Great Expectations' sections are put into a page of our own, since its page fetches styles and
scripts from other hosts, and its index is a script; what lies here opens without a network.
"""

import json
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from tf_pipeline import paths
from tf_pipeline.disk import write_whole
from tf_pipeline.quality.gate import GateResult, RuleResult
from tf_pipeline.quality.in_words import (
    found_in_words,
    rule_in_words,
)
from tf_pipeline.vocabulary import GateOutcome
from tf_pipeline.warehouse.private import for_the_group

TEMPLATES = Path(__file__).parent / "templates"
MONTH_FILE = "month.json"
# worst first, as an index shows them
OUTCOMES = tuple(reversed(GateOutcome))
STATES = ("Critical failed", "Other failed", "Under the threshold", "Could not run")


def write_data_docs(
    results: Sequence[GateResult], title: str, month: str, replace_month: bool = True
) -> Path:
    """Write a page per gate and the indexes; returns the index over all months.

    The month's earlier pages are cleared, other months' stay. With `replace_month` False only
    the pages of these suites are replaced, so that gates can be added one after the other.
    """
    folder = paths.data_docs_dir() / month
    if replace_month and folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    gates = {gate["suite"]: gate for gate in _read_month(folder).get("gates", [])}
    view = _view()
    for result in results:
        page = _page(view, result, title, month)
        write_whole(folder / f"{result.suite}.html", page)
        gates[result.suite] = result.summary()
    record = {
        "month": month,
        "title": title,
        "written": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "gates": sorted(gates.values(), key=lambda gate: gate["suite"]),
    }
    write_whole(folder / MONTH_FILE, json.dumps(record, indent=1))
    write_whole(folder / "index.html", _month_index(view, record))
    index = paths.data_docs_dir() / "index.html"
    write_whole(index, _months_index(view))
    # counts only: leads may read them
    above = (paths.data_docs_dir().parent, paths.data_docs_dir(), folder)
    for_the_group(*above, index, *folder.iterdir())
    return index


def _view() -> Any:
    from great_expectations.render.view import DefaultJinjaPageView

    return DefaultJinjaPageView(custom_views_directory=str(TEMPLATES))


def _page(view: Any, result: GateResult, title: str, month: str) -> str:
    from great_expectations.render import RenderedDocumentContent

    datasets = dict.fromkeys(rule.dataset for rule in result.rules)
    document = RenderedDocumentContent(
        renderer_type="ValidationResultsPageRenderer",
        expectation_suite_name=result.suite,
        sections=[
            _section(result, [rule for rule in result.rules if rule.dataset == dataset], dataset)
            for dataset in datasets
        ],
    )
    return view.render(
        document,
        template="gate_page.j2",
        gate=result.summary(),
        outcome=result.outcome.in_words,
        below=[rule_in_words(rule) for rule in result.rules_below],
        title=title,
        month=month,
    )


def _section(result: GateResult, rules: Sequence[RuleResult], dataset: str | None) -> Any:
    from great_expectations.render import RenderedSectionContent, RenderedTableContent

    # what needs a lead's eye comes first
    ordered = sorted(
        rules,
        key=lambda rule: (rule.passed is True, not rule.could_not_run, not rule.failed),
    )
    table = RenderedTableContent(
        table=[_row(rule, result.asked.get(rule.expectation_id, {})) for rule in ordered],
        header=escape(dataset or "Rules"),
        header_row=["", "Expectation", "Observed", "Severity", "Why", "First rows"],
        styling={"classes": ["col-12"], "body": {"classes": ["table"]}},
    )
    return RenderedSectionContent(section_name=dataset or "Rules", content_blocks=[table])


def _row(rule: RuleResult, asked: Mapping[str, Any]) -> list[Any]:
    """One rule as Great Expectations words it, with its severity, its why and its rows."""
    own = [rule.severity.value, escape(rule.why), ", ".join(map(str, rule.rows))]
    if rule.could_not_run:
        return ["", escape(rule.rule), f"could not run: {escape(rule.problem or '')}", *own]
    if rule.passed is None:
        return ["", escape(rule.rule), "did not apply", *own]
    return [*_gx_cells(rule, asked), *own]


def _gx_cells(rule: RuleResult, asked: Mapping[str, Any]) -> list[Any]:
    from great_expectations.core.expectation_validation_result import ExpectationValidationResult
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.render.renderer.content_block import (
        ValidationResultsTableContentBlockRenderer,
    )

    expectation_type = rule.rule.split("(", 1)[0]
    validation = ExpectationValidationResult(
        success=rule.passed,
        expectation_config=ExpectationConfiguration(type=expectation_type, kwargs=dict(asked)),
        result=_counts(rule),
    )
    block: Any = ValidationResultsTableContentBlockRenderer.render(
        [validation], include_column_name=True
    )
    status, wording, observed = block.table[0]
    says_nothing = rule.passed is False and not _counts(rule)
    if says_nothing or (rule.passed and rule.failed):
        observed = escape(found_in_words(rule))
    return [status, wording, observed]


def _counts(rule: RuleResult) -> dict[str, Any]:
    """A result in Great Expectations' words, made of counts alone."""
    if rule.observed is not None:
        return {"observed_value": rule.observed}
    if rule.checked is None or rule.failed is None:
        return {}
    share = rule.failed / rule.checked * 100 if rule.checked else 0.0
    return {
        "element_count": rule.checked,
        "unexpected_count": rule.failed,
        "unexpected_percent": share,
        "unexpected_percent_nonmissing": share,
        "unexpected_percent_total": share,
        "missing_count": 0,
        "missing_percent": 0.0,
    }


def _month_index(view: Any, record: Mapping[str, Any]) -> str:
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
    return view.env.get_template("gate_index.j2").render(
        heading=f"Gates of {record['month']}",
        note=f"{record['title']} · written {record['written']}",
        up="../index.html",
        columns=["Gate", "Outcome", "Rows", "Rules", *STATES],
        rows=rows,
    )


def _months_index(view: Any) -> str:
    rows = []
    for file in sorted(paths.data_docs_dir().glob(f"*/{MONTH_FILE}"), reverse=True):
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
    return view.env.get_template("gate_index.j2").render(
        heading="What the gates found, month by month",
        note="Counts only: no value of any row is kept on these pages.",
        up=None,
        columns=["Month", "Outcomes", "Gates", "Written"],
        rows=rows,
    )


def _read_month(folder: Path) -> dict[str, Any]:
    file = folder / MONTH_FILE
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
