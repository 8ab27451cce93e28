"""Shows a delivery as text under canonical field names, so that one suite fits every authority.

Belongs here: renaming delivered headings by the crosswalk, and the words that Gate 1 accepts.
Does not belong here: turning text into values (dbt) and validating it (`quality`).
"""

import re
from dataclasses import dataclass, field

import polars as pl

from tf_pipeline.authorities import registry
from tf_pipeline.authorities.workbook import expected_headings
from tf_pipeline.ingest.delivery_problem import problem
from tf_pipeline.ingest.headings import HEADING_AGAIN
from tf_pipeline.ingest.one_reading import PLAIN_NUMBER
from tf_pipeline.ingest.opened_dataset import OpenedDataset
from tf_pipeline.naming import ROW, words_key
from tf_pipeline.rules.crosswalks import Field, fields, words
from tf_pipeline.rules.declarations import declared
from tf_pipeline.rules.frameworks import need_fields
from tf_pipeline.vocabulary import ANY, IGNORE

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
NUMBER = PLAIN_NUMBER


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
    authority: str, month: str, opened: list[OpenedDataset]
) -> dict[str, NamedDataset]:
    """Every dataset of an opened delivery under canonical names.

    Raises DeliveryProblem (rejected) if a heading row does not contain headings.
    """
    crosswalk = _expected(authority, month)
    known_words = words(authority, month)
    shared = _headings_known_on_a_sheet(crosswalk, opened)
    names = _headings_known_on_a_sheet(_own_names(), opened)
    return {
        one.dataset: _named(
            one,
            crosswalk,
            known_words,
            shared[one.file_name, one.sheet],
            names[one.file_name, one.sheet],
        )
        for one in opened
    }


def gate_parameters(authority: str, month: str, opened: list[OpenedDataset]) -> dict[str, object]:
    """The parameters of a delivery suite: known words, and how dates and numbers are written."""
    known = words(authority, month)
    declarations = declared(authority, month)
    zeros = declarations.get("zero_means", {})
    markers = list(declarations.get("unborn_when", {}).values())
    parameters: dict[str, object] = {"number_pattern": NUMBER}
    for one in fields():
        if one.data_type == "word":
            names = [one.name]
            if one.dataset == "needs" and one.name == "need_status":
                names += need_fields()
            accepted = {w for n in names for w in known.get((one.dataset, n), [])}
            accepted |= set(known[(ANY, ANY)])
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


def not_asked(authority: str, month: str) -> dict[str, set[str]]:
    """Fields without a heading in force this month, by dataset. Their rules are skipped.

    The rules on id fields always apply, because ids identify rows.
    """
    named = set(_expected(authority, month).select("dataset", "field").iter_rows())
    found: dict[str, set[str]] = {}
    for one in fields():
        if (one.dataset, one.name) not in named and one.data_type != "id":
            found.setdefault(one.dataset, set()).add(one.name)
    return found


def _expected(authority: str, month: str) -> pl.DataFrame:
    """The headings an authority may send: its own, and GM's if it fills in the workbook."""
    return expected_headings(authority, month, registry.shape(authority).from_workbook)


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


def _headings_known_on_a_sheet(
    crosswalk: pl.DataFrame, opened: list[OpenedDataset]
) -> dict[tuple[str, str | None], set[str]]:
    """Headings known to any dataset that reads the same sheet; none of them counts as unknown."""
    shared: dict[tuple[str, str | None], set[str]] = {}
    for one in opened:
        keys = set(crosswalk.filter(pl.col("dataset") == one.dataset)["heading_key"])
        shared.setdefault((one.file_name, one.sheet), set()).update(keys)
    return shared


def _own_names() -> pl.DataFrame:
    """Each field's own name, in the form in which headings are compared."""
    return pl.DataFrame(
        [(one.dataset, words_key(one.name)) for one in fields()],
        schema=["dataset", "heading_key"],
        orient="row",
    )


def _named(
    one: OpenedDataset,
    crosswalk: pl.DataFrame,
    known_words: dict[tuple[str, str], list[str]],
    shared: set[str],
    own_names: set[str],
) -> NamedDataset:
    rows = crosswalk.filter(pl.col("dataset") == one.dataset)
    field_of = dict(rows.select("heading_key", "field").iter_rows())
    kinds = {f.name: f for f in fields() if f.dataset == one.dataset}
    found: dict[str, list[str]] = {}
    for heading in one.rows.headings:
        name = field_of.get(words_key(HEADING_AGAIN.sub("", heading)))
        if name and name != IGNORE:
            found.setdefault(name, []).append(heading)
    # a field's own name is its heading if no crosswalk row has it and no other heading was sent
    for heading in one.rows.headings:
        name = words_key(heading)
        if name in kinds and name not in shared and name not in found:
            found[name] = [heading]
    expected: dict[str, list[str]] = {}
    for heading, name in rows.select("heading", "field").iter_rows():
        expected.setdefault(name, []).append(heading)
    _refuse_a_row_that_is_no_heading_row(one, kinds, expected, found)
    columns = [
        _column(headings_of[0], kinds[name], known_words).alias(name)
        for name, headings_of in found.items()
        if name in kinds
    ]
    ambiguous = {n: h for n, h in found.items() if len(h) > 1}
    return NamedDataset(
        opened=one,
        frame=one.rows.accepted.select(pl.col(ROW).alias("row_number"), *columns),
        headings={name: headings_of[0] for name, headings_of in found.items()},
        unknown=[
            h
            for h in one.rows.headings
            if words_key(HEADING_AGAIN.sub("", h)) not in {*shared, *own_names}
        ],
        expected=expected,
        ambiguous=ambiguous,
        undecided=frozenset(
            name
            for name, headings_of in ambiguous.items()
            if name in kinds
            and kinds[name].is_essential
            and _differ(one.rows.accepted, headings_of)
        ),
    )


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
        f"row {row} is not the heading row: it has {known} of {len(essential)} headings that we "
        f"know. Expected headings such as {examples} in row {row}",
        dataset=one.dataset,
        file_name=one.file_name,
        sheet=one.sheet,
        row=row,
    )


def _column(heading: str, kind: Field, known_words: dict[tuple[str, str], list[str]]) -> pl.Expr:
    text = pl.col(heading).str.strip_chars()
    key = text.str.replace_all(r"[\s\p{Z}]+", " ").str.to_lowercase()
    if kind.data_type == "word":
        return pl.when(key != "").then(key)
    no_value = [*known_words[(ANY, ANY)], *known_words.get((kind.dataset, kind.name), []), ""]
    return pl.when(~key.is_in(no_value)).then(key if kind.data_type == "list" else text)
