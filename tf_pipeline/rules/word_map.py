"""What every delivered word means: the crosswalk of words, resolved for deliveries.

Belongs here: which crosswalk row decides a word.
Does not belong here: reading cells (`ingest`, dbt).
Gate 1 and dbt's model `stg_words` both call this, so a word cannot mean two things.
"""

from collections.abc import Mapping

import polars as pl

from tf_pipeline.rules.crosswalks import ALWAYS, is_in_force, words_key_of
from tf_pipeline.vocabulary import ANY, NO_VALUE

WORD_SEEDS = ("xwalk_values", "ref_fields", "ref_values")
OF_DELIVERY = ["authority", "as_of_date", "dataset"]


def word_map(deliveries: pl.DataFrame, seeds: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """One canonical value for each word of each field of each delivered dataset.

    deliveries: authority, as_of_date, dataset. seeds: WORD_SEEDS, as text. Result: those columns,
    field, word (in comparison form), canonical, is_canonical_itself, and the row that decides:
    delivered, valid_from, valid_to, reviewed_by, note.

    The most specific row wins: of one field, then of a whole dataset or of a field in any dataset,
    then of everything. A row of a whole dataset is for the fields that may have its value; a word
    for "no value" is for all of them. A canonical value is a word for itself if no row has it.
    """
    values = seeds["ref_values"].select("domain", canonical="value").unique()
    rows = seeds["xwalk_values"].with_row_index("row")
    known = deliveries.select(OF_DELIVERY).unique(maintain_order=True)
    known = known.join(seeds["ref_fields"].select("dataset", "field", "domain"), on="dataset")
    any_dataset, any_field = pl.col("dataset") == ANY, pl.col("field") == ANY
    of_dataset = known.join(
        rows.filter(~any_dataset, any_field).drop("field"), on=["authority", "dataset"]
    )
    may_be = of_dataset.join(values, on=["domain", "canonical"], how="semi")
    no_value = of_dataset.filter(pl.col("canonical").is_in(NO_VALUE))
    of_field = rows.filter(any_dataset, ~any_field).drop("dataset")
    of_all = rows.filter(any_dataset, any_field).drop("dataset", "field")
    itself = known.join(values, on="domain").with_columns(
        delivered="canonical", note=pl.lit("GM's own word"), **ALWAYS
    )
    matched = {
        0: [known.join(rows, on=["authority", "dataset", "field"])],
        1: [may_be, no_value, known.join(of_field, on=["authority", "field"])],
        2: [known.join(of_all, on="authority")],
        3: [itself],
    }
    found = pl.concat(
        [
            one.with_columns(generality=pl.lit(generality))
            for generality, frames in matched.items()
            for one in frames
        ],
        how="diagonal",
    )
    return (
        found.filter(is_in_force())
        .with_columns(
            word=words_key_of(pl.col("delivered")), is_canonical_itself=pl.col("generality") == 3
        )
        .sort("generality", "canonical", "row", nulls_last=True)
        .unique([*OF_DELIVERY, "field", "word"], keep="first", maintain_order=True)
        # the order of the seed
        .sort("generality", "row", "dataset", "field", "canonical", nulls_last=True)
        .drop("domain", "row", "generality")
    )
