"""One dataset under an authority's headings, every cell as its final text."""

from dataclasses import dataclass

import polars as pl

from tf_pipeline.rules.crosswalks import fields
from tf_pipeline.sample.dialect import Dialect, SampleProblem
from tf_pipeline.sample.prepare import prepared
from tf_pipeline.sample.randomness import number
from tf_pipeline.sample.texts import chance, date_text, month_text, one_of, plain_text, word_text

# columns that identify a row until the file is complete; never written
KEYS = ["row_key", "person_key", "item"]
# share of cells with a trailing blank, which every export system produces
BLANK_SHARE = 0.004
ODD_HEADINGS = 18


@dataclass(frozen=True)
class Table:
    """`frame`: KEYS, then one text column per heading (`{n}` if groups repeat).

    kinds: heading → data type of its field.
    """

    dataset: str
    frame: pl.DataFrame
    kinds: dict[str, str]


def table(dataset: str, rows: pl.DataFrame, dialect: Dialect) -> Table:
    """A dataset as this authority would deliver it, without headings that opening makes.

    Raises SampleProblem if the crosswalk names a field that no canonical row has.
    """
    rows = prepared(dataset, rows, dialect)
    made = dialect.shape.datasets[dataset].made
    types = {f.name: f.data_type for f in fields() if f.dataset == dataset}
    columns = []
    kinds: dict[str, str] = {}
    for field, heading in dialect.headings[dataset].items():
        if heading in made:
            continue
        text = _text(rows, dialect, dataset, field, types[field])
        if types[field] in ("id", "text", "name", "word"):
            text = _with_blanks(text, dialect, dataset, field)
        columns.append(text.alias(heading))
        kinds[heading] = types[field]
    for heading in dialect.ignored.get(dataset, []):
        if heading not in made and "{n}" not in heading:
            columns.append(
                one_of(["SYNTHETIC"], rows.height, chance(dialect, heading)).alias(heading)
            )
            kinds[heading] = "text"
    person = pl.col("person") if "person" in rows.columns else pl.lit(None, pl.Int64)
    item = pl.col("item") if "item" in rows.columns else pl.lit(1)
    keys = ["row_key", person.alias("person_key"), item.cast(pl.Int64).alias("item")]
    frame = pl.concat([rows.select(keys), rows.select(columns)], how="horizontal")
    return Table(dataset, frame, kinds)


def _text(
    rows: pl.DataFrame, dialect: Dialect, dataset: str, field: str, data_type: str
) -> pl.Series:
    finished = rows[f"{field}_said"] if f"{field}_said" in rows.columns else None
    if field not in rows.columns:
        if finished is None:
            raise SampleProblem(f"{dialect.authority}: nothing is invented for {dataset}.{field}")
        return finished
    if data_type == "word":
        text = finished if finished is not None else word_text(rows[field], dialect, dataset, field)
    elif data_type == "date":
        text = date_text(rows[field], dialect, dataset, field)
    elif data_type == "month":
        text = month_text(rows[field], dialect, dataset)
    else:
        text = plain_text(rows[field], dialect, dataset, field)
    return text if finished is None else finished.zip_with(finished.is_not_null(), text)


def _with_blanks(text: pl.Series, dialect: Dialect, dataset: str, field: str) -> pl.Series:
    random = chance(dialect, "blanks", dataset, field).random(text.len())
    return (text + " ").zip_with(pl.Series(random < BLANK_SHARE) & (text != ""), text)


def as_somebody_typed_it(heading: str, dialect: Dialect) -> str:
    """A heading, in some months in capitals, with a trailing blank or a double blank inside."""
    turn = number(f"{dialect.authority}|{dialect.month}|{heading}") % ODD_HEADINGS
    if turn == 0:
        return heading.upper().replace("{N}", "{n}")
    if turn == 1:
        return f"{heading} "
    if turn == 2:
        return heading.replace(" ", "  ", 1)
    return heading
