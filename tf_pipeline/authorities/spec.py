"""The shape of an authority's files, as in its YAML; headings have no meaning here."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class TotalsRow(BaseModel):
    """A totals row to set aside: its cell under a heading, or in a column, equals a text."""

    model_config = ConfigDict(extra="forbid")
    equals: str
    heading: str | None = None
    column: int | None = Field(default=None, ge=1)


class DatasetShape(BaseModel):
    """How to open one dataset of one authority."""

    model_config = ConfigDict(extra="forbid")
    files: str
    format: Literal["csv", "excel"] = "csv"
    sheet: str | None = None
    encoding: str = "utf-8"
    delimiter: str = ","
    header_row: int = Field(default=1, ge=1)
    date_formats: list[str] = []
    repeat: str | None = None
    made: dict[str, str] = {}
    exact_copies: Literal["keep", "set_aside"] = "keep"
    totals_row: TotalsRow | None = None
    optional: bool = False


class AuthorityShape(BaseModel):
    """Everything Python needs to open one authority's delivery."""

    model_config = ConfigDict(extra="forbid")
    authority: str
    summary: str
    date_formats: list[str]
    datasets: dict[str, DatasetShape]
    ignore_files: list[str] = []
    ignore_sheets: list[str] = []
    workbook: str | None = None
    without: list[str] = []

    @property
    def from_workbook(self) -> frozenset[str]:
        """Datasets that arrive as sheets of GM's own workbook."""
        return frozenset(
            name
            for name, one in self.datasets.items()
            if self.workbook and one.files == self.workbook and one.sheet == name
        )

    @model_validator(mode="before")
    @classmethod
    def _apply_defaults(cls, values: dict[str, Any]) -> dict[str, Any]:
        values = dict(values)
        defaults = values.pop("defaults", None) or {}
        formats = {"date_formats": values.get("date_formats", [])}
        values["datasets"] = {
            name: {**formats, **defaults, **(own or {})}
            for name, own in (values.get("datasets") or {}).items()
        }
        return values
