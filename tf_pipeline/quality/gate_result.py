"""What a gate found, rule by rule and in words: counts and row numbers, never a value."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from tf_pipeline.vocabulary import GateOutcome, Severity

# a rule on a column that is not there fails without a row having been looked at
ABSENT = "MissingColumn"
EXISTS = "expect_column_to_exist"


@dataclass(frozen=True)
class RuleResult:
    """What one expectation found; holds no cell's value and no exception's message.

    `passed` is None where the rule said nothing: with a `problem` (an exception's class name) it
    could not run, without one it did not apply. `checked` and `failed` count rows, blanks left
    out as the rule leaves them out. `observed` is a count or a share of the table. `rows` are the
    first row numbers of failing rows, where the table has a column `row_number`. `question`,
    `limits` and `given` are what the counts can later be decided by again (`limits.py`).
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
    # the name a work list has for it, where the suite gives one
    name: str = ""
    question: str = ""
    limits: Mapping[str, Any] = field(default_factory=dict, compare=False)
    given: Mapping[str, int | float | None] = field(default_factory=dict, compare=False)

    @property
    def could_not_run(self) -> bool:
        """Whether the rule should have said something and could not."""
        return self.passed is None and self.problem is not None


def describe_rule(rule: RuleResult) -> str:
    """Which rule, and in brackets what it came to; counts, without any value."""
    return f"{rule.dataset or ''} {rule.rule} ({describe_found(rule)})".strip()


def describe_found(rule: RuleResult) -> str:
    """`3 of 2,000 values fail, 95% must hold`; `failed: …` in front where it did not pass."""
    if rule.could_not_run:
        return f"could not run: {rule.problem}"
    if rule.passed is None:
        return "did not apply"
    found = _found(rule)
    return found if rule.passed else f"failed: {found}"


def _found(rule: RuleResult) -> str:
    if rule.problem == ABSENT or (rule.rule.startswith(EXISTS) and not rule.passed):
        return "the column is not there"
    if rule.observed is not None:
        return f"{rule.observed:,}, {_bounds(rule)}"
    if rule.checked is None or rule.failed is None:
        return "it holds" if rule.passed else "it does not hold"
    return f"{rule.failed:,} of {rule.checked:,} values fail, {_share(rule.threshold)} must hold"


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
    """What a suite found on its tables; `rows` is the sum over the tables, `seconds` wall time."""

    suite: str
    outcome: GateOutcome
    rules: tuple[RuleResult, ...]
    rows: int
    seconds: float
    # by expectation id, what each rule asked; for the pages a lead opens
    asked: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def from_stored(cls, kept: Mapping[str, Any]) -> "GateResult":
        """A result from the JSON values of its `asdict`.

        Raises KeyError, TypeError or ValueError where an older program kept it otherwise.
        """
        rules = tuple(
            RuleResult(**{**r, "severity": Severity(r["severity"]), "rows": tuple(r["rows"])})
            for r in kept["rules"]
        )
        return cls(**{**kept, "outcome": GateOutcome(kept["outcome"]), "rules": rules})

    @property
    def is_open(self) -> bool:
        """Whether what is behind the gate may go on."""
        return self.outcome.is_open

    @property
    def failed_rules(self) -> tuple[RuleResult, ...]:
        """Rules that did not pass, critical ones first."""
        order = list(Severity)
        failed = [rule for rule in self.rules if rule.passed is False]
        return tuple(sorted(failed, key=lambda rule: order.index(rule.severity)))

    @property
    def rules_with_failures(self) -> tuple[RuleResult, ...]:
        """Rules that failed, then those that hold although some values fail them."""
        return (*self.failed_rules, *self.rules_below)

    @property
    def rules_below(self) -> tuple[RuleResult, ...]:
        """Rules that hold although some values fail them: under the threshold."""
        return tuple(rule for rule in self.rules if rule.passed and rule.failed)

    @property
    def unrun_rules(self) -> tuple[RuleResult, ...]:
        """Rules that could not run."""
        return tuple(rule for rule in self.rules if rule.could_not_run)

    @property
    def in_short(self) -> str | None:
        """Rules that could not run, that failed, and that hold with some values failing them."""
        said = [describe_rule(r) for r in (*self.unrun_rules, *self.rules_with_failures)]
        return ", ".join(said) or None

    def summary(self) -> dict[str, str | int | float]:
        """Plain counts, fit for a check's metadata."""
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
        """One plain dictionary a rule, with the suite's name: rows of a table of gates."""
        records = []
        for rule in self.rules:
            record = {"suite": self.suite, **asdict(rule)}
            record["severity"] = rule.severity.value
            record["rows"] = list(rule.rows)
            records.append(record)
        return records
