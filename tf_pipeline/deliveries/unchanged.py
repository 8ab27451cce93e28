"""Recognises a delivery that is already accepted, by the same files, rules and code.

Belongs here: what a verdict rests on, and its form in the warehouse.
Does not belong here: storing it (`verdicts.py`), validating (`validate.py`).

Only verdicts on accepted deliveries are stored: refused ones are few and wait for a change.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.metadata import version
from typing import Any

from tf_pipeline.deliveries.confirmations import Waiver
from tf_pipeline.deliveries.history import accepted_before
from tf_pipeline.findings import Finding
from tf_pipeline.quality.gate import ENGINE
from tf_pipeline.quality.gate_result import GateResult
from tf_pipeline.rules.rule_parts import rule_parts
from tf_pipeline.vocabulary import Severity

LIBRARIES = ("duckdb", "fastexcel", "great-expectations", "pandas", "polars")


@dataclass(frozen=True)
class Verdict:
    """What was found in a delivery; `rows` is dataset → (delivered, accepted, set aside)."""

    findings: Sequence[Finding]
    gate: GateResult | None
    rows: dict[str, tuple[int, int, int]]
    files: Sequence[str]


def verdict_basis(
    authority: str, month: str, delivery: str, standing: Mapping[str, int], waiver: Waiver
) -> str:
    """A hash of everything that the verdict on a delivery rests on.

    These are its files, the rules, the code and the libraries that read it, the earlier deliveries
    of the authority, and its waiver. Numbers of other authorities are not part of it: a number that
    this authority has used is its own, also if another one uses it.
    """
    rules = rule_parts()
    parts = [
        delivery,
        rules,
        judging_version(rules),
        sorted(standing.items()),
        [asdict(one) for one in accepted_before(authority, month)],
        sorted(waiver.rules),
        waiver.role,
    ]
    return sha256(repr([authority, month, *parts]).encode()).hexdigest()


def judging_version(rules: Mapping[str, str] | None = None) -> str:
    """A hash of what evaluates a gate: suites, code, libraries and the chosen engine.

    `rules` are the parts of `rule_parts()`, if the caller has them.
    """
    libraries = [version(name) for name in LIBRARIES]
    parts = [(rules or rule_parts())["code"], libraries, os.environ.get(ENGINE, "")]
    return sha256(repr(parts).encode()).hexdigest()


def to_stored(verdict: Verdict) -> dict[str, Any]:
    """A verdict in plain JSON values; it holds counts and row numbers, no cell."""
    return {
        "findings": [asdict(finding) for finding in verdict.findings],
        "gate": asdict(verdict.gate) if verdict.gate else None,
        "rows": verdict.rows,
        "files": list(verdict.files),
    }


def from_stored(kept: Mapping[str, Any]) -> Verdict | None:
    """A verdict from its stored form; None if an older program stored it in another form."""
    try:
        return Verdict(
            [Finding(**{**f, "severity": Severity(f["severity"])}) for f in kept["findings"]],
            GateResult.from_stored(kept["gate"]) if kept["gate"] else None,
            {name: tuple(counts) for name, counts in kept["rows"].items()},
            kept["files"],
        )
    except (KeyError, TypeError, ValueError):
        return None
