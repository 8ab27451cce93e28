"""What a rule says: its text, severity and who must act, from `ref_messages.csv`.

Belongs here: reading a row of that seed and filling its placeholders.
Does not belong here: the rules themselves (`ingest`, `deliveries`, dbt's audit models).
"""

from typing import Any

from tf_pipeline.findings import Finding
from tf_pipeline.rules.crosswalks import seed
from tf_pipeline.vocabulary import Severity

# the fields of a finding besides its rule and texts
OF_A_FINDING = (
    "severity", "dataset", "file_name", "sheet", "row", "heading", "responsible", "occurrences",
)  # fmt: skip


def finding(rule: str, **values: Any) -> Finding:
    """A finding of a rule; `values` are fields of Finding and placeholders of the rule's text.

    Raises KeyError if `ref_messages.csv` has no such rule, or if a placeholder has no value.
    """
    row = _row(rule)
    own: dict[str, Any] = {"severity": Severity(row["severity"] or Severity.CRITICAL)}
    if row["responsible"]:
        own["responsible"] = row["responsible"]
    own |= {name: values[name] for name in OF_A_FINDING if name in values}
    message, expected = message_text(rule, **values)
    return Finding(rule, message, expected=expected, **own)


def message_text(rule: str, **values: Any) -> tuple[str, str]:
    """The whole text of a rule, and the part of it that says what is expected ('' if none).

    Raises KeyError like `finding`.
    """
    row = _row(rule)
    found, expected = (
        (row[part] or "").format_map(values).rstrip(".") for part in ("message", "expected")
    )
    return f"{found}. Expected: {expected}" if expected else found, expected


def _row(rule: str) -> dict[str, Any]:
    rows = seed("reference/ref_messages.csv").filter(rule=rule).to_dicts()
    if not rows:
        raise KeyError(rule)
    return rows[0]
