"""The few words that code decides on; every other canonical value is a row in `seeds/reference`."""

from enum import StrEnum


class Outcome(StrEnum):
    """What became of an authority's delivery for a month."""

    ACCEPTED = "accepted"
    HELD = "held"
    REJECTED = "rejected"
    NOT_DELIVERED = "not_delivered"


class Severity(StrEnum):
    """How much a failed rule matters: a critical one stops what it guards."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class GateOutcome(StrEnum):
    """What a gate said; that it could not run is told apart from that it failed."""

    PASSED = "passed"
    PASSED_WITH_FAILURES = "passed_with_failures"
    FAILED = "failed"
    COULD_NOT_RUN = "could_not_run"

    @property
    def in_words(self) -> str:
        """As a person reads it; that failures were let through is said."""
        if self is GateOutcome.PASSED_WITH_FAILURES:
            return "passed with failures under the threshold"
        return self.value.replace("_", " ")


class SetAside(StrEnum):
    """Why a delivered row is kept out of the warehouse's datasets."""

    BLANK_ROW = "BLANK_ROW"
    TOTALS_ROW = "TOTALS_ROW"
    EXACT_COPY = "EXACT_COPY"
    OTHER_AUTHORITY = "OTHER_AUTHORITY"


# a heading that is known and carries nothing the baseline needs
IGNORE = "IGNORE"
# an authority's words for "no value" hold for every dataset and field, other rows for every field
ANY = "*"
# what a word, a zero or a blank may mean in any field, whatever its domain
NO_VALUE = ("not_known", "not_held", "not_applicable")
# what is kept beside the rows of each dataset, and has a period of its own
KEPT_BESIDE = ("set_aside", "key_map", "quarantine", "landing", "packs", "runs")
