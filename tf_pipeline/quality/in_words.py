"""A rule's result in a few words: the same at the terminal, in a table, on a page, in the UI."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tf_pipeline.quality.gate import RuleResult

# a rule on a column that is not there fails without a row having been looked at
ABSENT = "MissingColumn"
EXISTS = "expect_column_to_exist"


def rule_in_words(rule: "RuleResult") -> str:
    """Which rule, and in brackets what it came to; counts, without any value."""
    return f"{rule.dataset or ''} {rule.rule} ({found_in_words(rule)})".strip()


def found_in_words(rule: "RuleResult") -> str:
    """`3 of 2,000 values fail, 95% must hold`; `failed: …` in front where it did not pass."""
    if rule.could_not_run:
        return f"could not run: {rule.problem}"
    if rule.passed is None:
        return "did not apply"
    found = _found(rule)
    return found if rule.passed else f"failed: {found}"


def _found(rule: "RuleResult") -> str:
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


def _bounds(rule: "RuleResult") -> str:
    low, high = rule.limits.get("min_value"), rule.limits.get("max_value")
    if "value" in rule.limits:
        return f"expected {rule.limits['value']:,}"
    least = f"at least {low:,}" if isinstance(low, int | float) else ""
    most = f"at most {high:,}" if isinstance(high, int | float) else ""
    return "expected " + " and ".join(part for part in (least, most) if part)
