"""One line of a work list: what is wrong, where, and who must act.

Belongs here: the finding itself and how it is shown.
Does not belong here: its sentences (`rules/rule_messages.py`), deciding that something is wrong
(`ingest`, `quality`, dbt's audit models).
"""

from dataclasses import dataclass

from tf_pipeline.vocabulary import Severity


@dataclass(frozen=True)
class Finding:
    """Something an authority should know or fix; never contains a personal value.

    `row` is the spreadsheet's row number (1-based); `heading` is the authority's own heading;
    `message` is the whole text, and `expected` the part of it that says what would be accepted.
    """

    rule: str
    message: str
    severity: Severity = Severity.CRITICAL
    dataset: str | None = None
    file_name: str | None = None
    sheet: str | None = None
    row: int | None = None
    heading: str | None = None
    responsible: str = "authority"
    occurrences: int = 1
    expected: str = ""

    def place(self) -> str:
        """The known ones of file, sheet, row and heading, in one phrase."""
        parts = [
            self.file_name,
            f"sheet '{self.sheet}'" if self.sheet else None,
            f"row {self.row}" if self.row else None,
            f"heading '{self.heading}'" if self.heading else None,
        ]
        return ", ".join(part for part in parts if part)

    def __str__(self) -> str:
        place = self.place()
        return f"{place}: {self.message}" if place else self.message
