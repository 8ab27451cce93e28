"""The few values that code depends on; all other canonical values are in `seeds/reference`."""

import re
from enum import StrEnum

# who answers for a row or a decision: a role, never a person
ROLE = re.compile(r"role:[a-z0-9][a-z0-9_-]*")


class Outcome(StrEnum):
    """The outcome of an authority's delivery for a month."""

    ACCEPTED = "accepted"
    HELD = "held"
    REJECTED = "rejected"
    NOT_DELIVERED = "not_delivered"


class Severity(StrEnum):
    """The severity of a failed rule: a critical rule stops what it guards."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class GateOutcome(StrEnum):
    """The outcome of a gate; "could not run" differs from "failed"."""

    PASSED = "passed"
    PASSED_WITH_FAILURES = "passed_with_failures"
    FAILED = "failed"
    COULD_NOT_RUN = "could_not_run"

    @property
    def is_open(self) -> bool:
        """Whether the next step may run."""
        return self in (GateOutcome.PASSED, GateOutcome.PASSED_WITH_FAILURES)

    @property
    def in_words(self) -> str:
        """The outcome as text for a reader; it mentions failures under the threshold."""
        if self is GateOutcome.PASSED_WITH_FAILURES:
            return "passed with failures under the threshold"
        return self.value.replace("_", " ")


class SetAside(StrEnum):
    """Why a delivered row is not in the warehouse's datasets."""

    BLANK_ROW = "BLANK_ROW"
    TOTALS_ROW = "TOTALS_ROW"
    EXACT_COPY = "EXACT_COPY"
    OTHER_AUTHORITY = "OTHER_AUTHORITY"


# a known heading without data that the baseline needs
IGNORE = "IGNORE"
# any dataset or field: used for words for "no value" and for rows for a whole dataset
ANY = "*"
# what a word, a zero or a blank may mean in any field of any domain
NO_VALUE = ("not_known", "not_held", "not_applicable")
# kept data besides the rows of datasets, each with its own retention period
KEPT_BESIDE = ("set_aside", "key_map", "quarantine", "landing", "packs", "runs")
