"""The result of a gate, rule by rule and in words: counts and row numbers, never a value."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from tf_pipeline.vocabulary import GateOutcome, Severity

# a rule on an absent column fails before any row is checked
ABSENT = "MissingColumn"
EXISTS = "expect_column_to_exist"


@dataclass(frozen=True)
class RuleResult:
    """What one expectation found; holds no cell's value and no exception's message.

    `passed` is None if the rule could not run (`problem` is then an exception's class name) or did
    not apply (no `problem`). `checked` and `failed` count rows, without the blanks that the rule
    ignores. `observed` is a count or a share of the table. `rows` are the first row numbers of
    failing rows, if the table has a column `row_number`. With `question`, `limits` and `given`
    the counts can later be decided again (`limits.py`).
    """

    rule: str
    dataset: str | None
    column: str | None
    severity: Severity
    why: str
    passed: bool | None
    checked: int | None = None
    failed: int | None = None
    threshold: float | None = None
    observed: int | float | None = None
    rows: tuple[int, ...] = ()
    problem: str | None = None
    expectation_id: str = ""
    # the name that work lists show, if the suite gives one
    name: str = ""
    question: str = ""
    limits: Mapping[str, Any] = field(default_factory=dict, compare=False)
    given: Mapping[str, int | float | None] = field(default_factory=dict, compare=False)

    @property
    def could_not_run(self) -> bool:
        """Whether the rule applies and could not run."""
        return self.passed is None and self.problem is not None


def describe_rule(rule: RuleResult) -> str:
    """The rule, and in brackets its result: counts, without any value."""
    return f"{rule.dataset or ''} {rule.rule} ({describe_found(rule)})".strip()


def describe_found(rule: RuleResult) -> str:
    """`3 of 2,000 values fail, 95% must pass`; a rule that did not pass begins `failed: `."""
    if rule.could_not_run:
        return f"could not run: {rule.problem}"
    if rule.passed is None:
        return "did not apply"
    found = _found(rule)
    return found if rule.passed else f"failed: {found}"


def _found(rule: RuleResult) -> str:
    if rule.problem == ABSENT or (rule.rule.startswith(EXISTS) and not rule.passed):
        return "the column is missing"
    if rule.observed is not None:
        return f"{rule.observed:,}, {_bounds(rule)}"
    if rule.checked is None or rule.failed is None:
        return "passed" if rule.passed else "the table does not meet the rule"
    return f"{rule.failed:,} of {rule.checked:,} values fail, {_share(rule.threshold)} must pass"


def _share(mostly: float | None) -> str:
    if mostly is None or mostly == 1:
        return "all"
    return f"{mostly * 100:.4f}".rstrip("0").rstrip(".") + "%"


def _bounds(rule: RuleResult) -> str:
    low, high = rule.limits.get("min_value"), rule.limits.get("max_value")
    if "value" in rule.limits:
        return f"expected {rule.limits['value']:,}"
    least = f"at least {low:,}" if isinstance(low, int | float) else ""
    most = f"at most {high:,}" if isinstance(high, int | float) else ""
    return "expected " + " and ".join(part for part in (least, most) if part)


@dataclass(frozen=True)
class GateResult:
    """What a suite found; `rows` is the sum over its tables, `seconds` the elapsed time."""

    suite: str
    outcome: GateOutcome
    rules: tuple[RuleResult, ...]
    rows: int
    seconds: float
    # expectation id → the rule's arguments, for the pages of gates
    asked: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def from_stored(cls, kept: Mapping[str, Any]) -> "GateResult":
        """A result from the JSON values of its `asdict`.

        Raises KeyError, TypeError or ValueError if an older version stored it in another form.
        """
        rules = tuple(
            RuleResult(**{**r, "severity": Severity(r["severity"]), "rows": tuple(r["rows"])})
            for r in kept["rules"]
        )
        return cls(**{**kept, "outcome": GateOutcome(kept["outcome"]), "rules": rules})

    @property
    def is_open(self) -> bool:
        """Whether the next step may run."""
        return self.outcome.is_open

    @property
    def failed_rules(self) -> tuple[RuleResult, ...]:
        """Rules that did not pass, critical ones first."""
        order = list(Severity)
        failed = [rule for rule in self.rules if rule.passed is False]
        return tuple(sorted(failed, key=lambda rule: order.index(rule.severity)))

    @property
    def rules_with_failures(self) -> tuple[RuleResult, ...]:
        """Rules that failed, then those that passed although some values fail them."""
        return (*self.failed_rules, *self.rules_below)

    @property
    def rules_below(self) -> tuple[RuleResult, ...]:
        """Rules that passed although some values fail them."""
        return tuple(rule for rule in self.rules if rule.passed and rule.failed)

    @property
    def unrun_rules(self) -> tuple[RuleResult, ...]:
        """Rules that could not run."""
        return tuple(rule for rule in self.rules if rule.could_not_run)

    @property
    def in_short(self) -> str | None:
        """Rules that could not run, that failed, and that passed with some failing values."""
        rules = (*self.unrun_rules, *self.rules_with_failures)
        return ", ".join(map(describe_rule, rules)) or None

    def summary(self) -> dict[str, str | int | float]:
        """Counts for the metadata of a check."""
        failed = [rule.severity for rule in self.failed_rules]
        return {
            "suite": self.suite,
            "outcome": self.outcome.value,
            "rows": self.rows,
            "rules": len(self.rules),
            "rules_passed": sum(rule.passed is True for rule in self.rules),
            "rules_passed_with_failures": len(self.rules_below),
            "rules_failed_critical": failed.count(Severity.CRITICAL),
            "rules_failed_warning": failed.count(Severity.WARNING),
            "rules_failed_info": failed.count(Severity.INFO),
            "rules_could_not_run": len(self.unrun_rules),
            "rules_not_applicable": sum(
                rule.passed is None and not rule.could_not_run for rule in self.rules
            ),
            "values_failed": sum(rule.failed or 0 for rule in self.rules),
            "seconds": round(self.seconds, 3),
        }

    def to_records(self) -> list[dict[str, Any]]:
        """A dictionary for each rule, with the suite's name: rows of a table of gates."""
        records = []
        for rule in self.rules:
            record = {"suite": self.suite, **asdict(rule)}
            record["severity"] = rule.severity.value
            record["rows"] = list(rule.rows)
            records.append(record)
        return records
