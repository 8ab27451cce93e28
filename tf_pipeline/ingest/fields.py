"""Shows a delivery as text under canonical field names, so that one suite fits every authority.

Belongs here: renaming delivered headings by the crosswalk, and the words that Gate 1 accepts.
Does not belong here: turning text into values (dbt) and validating it (`quality`).
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import polars as pl

from tf_pipeline.authorities.workbook import expected_headings
from tf_pipeline.calendar import month_end
from tf_pipeline.ingest.delivery_problem import problem
from tf_pipeline.ingest.opened_dataset import OpenedDataset
from tf_pipeline.naming import BLANKS, ROW
from tf_pipeline.rules.crosswalks import Field, words_key_of
from tf_pipeline.rules.frameworks import need_fields
from tf_pipeline.rules.heading_map import read_headings
from tf_pipeline.rules.month_rules import MonthRules
from tf_pipeline.vocabulary import IGNORE

# what each strptime directive may look like in a cell
DIRECTIVES = {
    "%d": r"(?:0?[1-9]|[12]\d|3[01])",
    "%m": r"(?:0?[1-9]|1[0-2])",
    "%y": r"\d{2}",
    "%Y": r"\d{4}",
    "%b": r"[A-Za-z]{3}",
    "%B": r"[A-Za-z]+",
    "%H": r"\d{2}",
    "%M": r"\d{2}",
    "%S": r"\d{2}",
}
# what dbt can read; `one_reading.py` brings every other form of a number to this one
NUMBER = r"^-?(?:\d+(?:\.\d+)?|\.\d+)$"


@dataclass(frozen=True)
class NamedDataset:
    """One dataset under canonical names, with its headings for messages to the authority.

    `frame`: row_number and one text column per field found; blanks and words for "no value" are
    null outside word fields. `headings`: field → delivered heading. `unknown`: headings without a
    crosswalk row. `expected`: field → headings the crosswalk would accept. `ambiguous`: field →
    its headings if there are several; `undecided`: essential ones among them whose cells differ.
    """

    opened: OpenedDataset
    frame: pl.DataFrame
    headings: dict[str, str]
    unknown: list[str]
    expected: dict[str, list[str]]
    ambiguous: dict[str, list[str]] = field(default_factory=dict)
    undecided: frozenset[str] = frozenset()


def named_datasets(
    rules: MonthRules, from_workbook: Collection[str], opened: Sequence[OpenedDataset]
) -> dict[str, NamedDataset]:
    """Every dataset of an opened delivery under canonical names.

    `from_workbook` are the datasets that arrive in GM's own workbook.
    Raises DeliveryProblem (rejected) if a heading row does not contain headings.
    """
    expected = expected_headings(rules, frozenset(from_workbook))
    read = delivered_fields(rules, opened)
    return {
        one.dataset: _named(
            one, rules, expected.filter(dataset=one.dataset), read.filter(dataset=one.dataset)
        )
        for one in opened
    }


def delivered_fields(rules: MonthRules, opened: Sequence[OpenedDataset]) -> pl.DataFrame:
    """`read_headings` of all datasets of an opened delivery, the heading that is read first."""
    delivered = [
        (one.dataset, one.file_name, one.sheet, position, heading)
        for one in opened
        for position, heading in enumerate(one.rows.headings, start=1)
    ]
    names = {"dataset": pl.String, "file_name": pl.String, "sheet": pl.String}
    schema = {**names, "position": pl.Int32, "heading": pl.String}
    frame = pl.DataFrame(delivered, schema=schema, orient="row").with_columns(
        authority=pl.lit(rules.authority), as_of_date=pl.lit(month_end(rules.month).isoformat())
    )
    return read_headings(frame, rules.headings)


def gate_parameters(rules: MonthRules, opened: Sequence[OpenedDataset]) -> dict[str, object]:
    """The parameters of a delivery suite: known words, and how dates and numbers are written."""
    known = rules.known_words
    zeros = rules.declared.get("zero_means", {})
    markers = list(rules.declared.get("unborn_when", {}).values())
    parameters: dict[str, object] = {"number_pattern": NUMBER}
    for one in rules.fields:
        if one.data_type == "word":
            names = [one.name]
            if one.dataset == "needs" and one.name == "need_status":
                names += need_fields()
            accepted = {w for n in names for w in known.get((one.dataset, n), [])}
            if any(f"{one.dataset}.{name}" in zeros for name in names):
                accepted.add("0")
            parameters[f"words_{one.dataset}_{one.name}"] = sorted(accepted)
        if one.data_type == "list":
            parameters[f"list_pattern_{one.dataset}_{one.name}"] = list_pattern(
                known.get((one.dataset, one.domain or ""), [])
            )
    for one_opened in opened:
        parameters[f"date_pattern_{one_opened.dataset}"] = date_pattern(
            set(one_opened.date_formats), markers
        )
    return parameters


def not_asked(rules: MonthRules, from_workbook: Collection[str]) -> dict[str, set[str]]:
    """Fields without a heading in force this month, by dataset. Their rules are skipped.

    The rules on id fields always apply, because ids identify rows.
    """
    expected = expected_headings(rules, frozenset(from_workbook))
    named = set(expected.select("dataset", "field").iter_rows())
    found: dict[str, set[str]] = {}
    for one in rules.fields:
        if (one.dataset, one.name) not in named and one.data_type != "id":
            found.setdefault(one.dataset, set()).add(one.name)
    return found


def list_pattern(known: list[str]) -> str:
    """A pattern for a list that contains only known words."""
    word = "(?:" + "|".join(re.escape(one) for one in sorted(known)) + ")"
    return rf"^{word}(?:\s*[;,|]\s*{word})*$"


def date_pattern(formats: set[str], markers: list[str]) -> str:
    """A pattern for a date in any declared format, with optional markers of an unborn child."""
    shapes = sorted(_as_pattern(date_format) for date_format in formats)
    before = "".join(f"(?:{marker.lstrip('^').rstrip('$')})?" for marker in markers)
    return rf"^\s*(?i:{before})\s*(?:{'|'.join(shapes)})\s*$"


def _as_pattern(date_format: str) -> str:
    if date_format == "excel_serial":
        return r"\d{5}"
    pieces = re.split(r"(%[a-zA-Z])", date_format)
    return "".join(DIRECTIVES.get(p, re.escape(p)) for p in pieces)


def _named(
    one: OpenedDataset, rules: MonthRules, crosswalk: pl.DataFrame, read: pl.DataFrame
) -> NamedDataset:
    kinds = {f.name: f for f in rules.fields if f.dataset == one.dataset}
    mapped = read.filter(pl.col("field") != IGNORE)
    found = _by_field(mapped)
    expected = _by_field(crosswalk)
    _refuse_a_row_that_is_no_heading_row(one, kinds, expected, found)
    columns = [
        _column(headings_of[0], kinds[name], rules).alias(name)
        for name, headings_of in found.items()
    ]
    # a field's own name that nobody asked for gives way to an expected heading
    asked = _by_field(mapped.join(crosswalk, on=["heading_key", "field"], how="semi"))
    ambiguous = {name: found[name] for name, headings_of in asked.items() if len(headings_of) > 1}
    return NamedDataset(
        opened=one,
        frame=one.rows.accepted.select(pl.col(ROW).alias("row_number"), *columns),
        headings={name: headings_of[0] for name, headings_of in found.items()},
        unknown=read.filter(~pl.col("is_known")).sort("position")["heading"].to_list(),
        expected=expected,
        ambiguous=ambiguous,
        undecided=frozenset(
            name
            for name, headings_of in ambiguous.items()
            if kinds[name].is_essential and _differ(one.rows.accepted, headings_of)
        ),
    )


def _by_field(rows: pl.DataFrame) -> dict[str, list[str]]:
    """Field → its headings, in the order of the rows."""
    found: dict[str, list[str]] = {}
    for heading, name in rows.select("heading", "field").iter_rows():
        found.setdefault(name, []).append(heading)
    return found


def _differ(rows: pl.DataFrame, headings_of: list[str]) -> bool:
    cells = [rows[heading].str.strip_chars().fill_null("") for heading in headings_of]
    return any(not cells[0].equals(other) for other in cells[1:])


def _refuse_a_row_that_is_no_heading_row(
    one: OpenedDataset,
    kinds: dict[str, Field],
    expected: dict[str, list[str]],
    found: dict[str, list[str]],
) -> None:
    """Raises DeliveryProblem if most headings are unknown: they may be personal data.

    Its message quotes none of them.
    """
    essential = [name for name in expected if name in kinds and kinds[name].is_essential]
    known = sum(name in found for name in essential)
    if known * 2 >= len(essential):
        return
    row = one.header_row
    examples = ", ".join(f"'{expected[name][0]}'" for name in essential[:4])
    raise problem(
        "HEADING_ROW_WRONG",
        known=known,
        essential=len(essential),
        examples=examples,
        dataset=one.dataset,
        file_name=one.file_name,
        sheet=one.sheet,
        row=row,
    )


def _column(heading: str, kind: Field, rules: MonthRules) -> pl.Expr:
    text = pl.col(heading).str.strip_chars(BLANKS)
    key = words_key_of(text)
    if kind.data_type == "word":
        return pl.when(key != "").then(key)
    # a count may also be a word for a status, such as a true zero
    is_count = kind.data_type == "number" and kind.domain is not None
    words = rules.known_words if is_count else rules.no_value_words
    not_read = [*words.get((kind.dataset, kind.name), []), ""]
    return pl.when(~key.is_in(not_read)).then(key if kind.data_type == "list" else text)
