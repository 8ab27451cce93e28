"""Which field every delivered heading names: the crosswalk of headings, resolved for deliveries.

Belongs here: which crosswalk row decides a heading, and which heading fills a field.
Does not belong here: reading the cells below it (`ingest`, dbt).
Gate 1 and dbt's model `stg_delivered_headings` both call this, so both read the same columns.
"""

from collections.abc import Mapping

import polars as pl

from tf_pipeline.naming import HEADING_AGAIN
from tf_pipeline.rules.crosswalks import ALWAYS, is_in_force, words_key_of
from tf_pipeline.vocabulary import ANY, IGNORE

HEADING_SEEDS = ("xwalk_headings", "ref_fields")
OF_DELIVERY = ["authority", "as_of_date", "dataset"]
SHEET = ["authority", "as_of_date", "file_name", "sheet", "heading_key"]
# an authority's own row, a row for all, the field's own name: the lowest wins
OWN, FOR_ALL, NAME = 1, 2, 3


def heading_map(deliveries: pl.DataFrame, seeds: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The one field of each heading that a delivered dataset may have.

    deliveries: authority, as_of_date, dataset. seeds: HEADING_SEEDS, as text. Result: those
    columns, heading, heading_key (in comparison form), field, preference (OWN, FOR_ALL, NAME),
    and the dates, reviewer and note of the row that decides.
    """
    asked = deliveries.select(OF_DELIVERY).unique(maintain_order=True)
    rows = seeds["xwalk_headings"]
    for_all = rows.filter(authority=ANY).drop("authority")
    names = seeds["ref_fields"].select(
        "dataset", "field", heading="field", note=pl.lit("GM's own heading"), **ALWAYS
    )
    found = pl.concat(
        [
            one.with_columns(preference=pl.lit(preference))
            for preference, one in (
                (OWN, asked.join(rows, on=["authority", "dataset"], maintain_order="right")),
                (FOR_ALL, asked.join(for_all, on="dataset", maintain_order="right")),
                (NAME, asked.join(names, on="dataset", maintain_order="right")),
            )
        ],
        how="diagonal",
    )
    return (
        found.filter(is_in_force())
        .with_columns(heading_key=words_key_of(pl.col("heading")))
        .unique([*OF_DELIVERY, "heading_key"], keep="first", maintain_order=True)
    )


def read_headings(delivered: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Delivered headings with the field that each names, and whether it fills that field.

    delivered: authority, as_of_date, dataset, file_name, sheet, position, heading; known: a
    `heading_map`. Adds heading_key, field (null if it names none), preference, is_known (to any
    dataset that reads the same sheet), is_read (it fills its field), and the row that decides.

    A field's own name is its heading only if no row has that heading, for any dataset that reads
    the sheet. If several headings name one field, an authority's own row wins, then the first.
    """
    found = delivered.with_columns(
        # a heading that stands a second time is the same heading
        heading_key=words_key_of(pl.col("heading").str.replace(HEADING_AGAIN, ""))
    ).join(
        known.drop("heading"),
        on=[*OF_DELIVERY, "heading_key"],
        how="left",
        maintain_order="left",
    )
    of_sheet = pl.col("preference").min().over(SHEET)
    is_name = (pl.col("preference") < NAME) | (of_sheet == NAME)
    found = found.with_columns(
        is_known=of_sheet.is_not_null(), field=pl.when(is_name).then("field")
    ).sort("preference", "position", nulls_last=True, maintain_order=True)
    is_first = pl.struct(*OF_DELIVERY, "field").is_first_distinct()
    return found.with_columns(is_read=(is_first & (pl.col("field") != IGNORE)).fill_null(False))
