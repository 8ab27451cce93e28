"""What each authority declares of its fields, and means by its terms, resolved for its deliveries.

Belongs here: which declaration and which definition applies. Does not belong here: consequences.
Gate 1, the sample and dbt's models `stg_declarations` and `stg_definitions` all call this.
"""

from collections.abc import Mapping

import polars as pl

from tf_pipeline.rules.crosswalks import is_in_force
from tf_pipeline.vocabulary import ANY

DECLARATION_SEEDS = ("authority_declarations", "ref_fields")
COMMON = "common_definition"


def declarations_in_force(days: pl.DataFrame, seeds: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The value of each topic and subject; days: authority, as_of_date.

    seeds: DECLARATION_SEEDS, as text. Result: authority, as_of_date, topic, subject, value. A
    declaration for a whole dataset (`needs.*`) is a row of each of its fields; a declaration for
    the field itself wins.
    """
    of_dataset = seeds["ref_fields"].select(
        subject=pl.col("dataset") + f".{ANY}",
        field=pl.concat_str("dataset", "field", separator="."),
    )
    key = ["authority", "as_of_date", "topic", "subject"]
    return (
        days.select("authority", "as_of_date")
        .unique(maintain_order=True)
        .join(seeds["authority_declarations"], on="authority", maintain_order="left_right")
        .filter(is_in_force())
        .join(of_dataset, on="subject", how="left", maintain_order="left_right")
        .sort(pl.col("field").is_not_null(), maintain_order=True)
        .with_columns(subject=pl.coalesce("field", "subject"))
        .unique(key, keep="first", maintain_order=True)
        .select(*key, "value")
    )


def definitions_in_force(
    days: pl.DataFrame, definitions: pl.DataFrame, of_gm: pl.DataFrame
) -> pl.DataFrame:
    """The definition of each topic; an authority's own row wins over one for all.

    days: authority, as_of_date. definitions: the seed as text. of_gm: topic, subject, value of
    GM's declarations. Result: authority, topic, meaning, source_basis, is_common (GM declares
    that meaning to be common).
    """
    asked = days.select("authority", "as_of_date").unique(maintain_order=True)
    for_all = definitions.filter(authority=ANY).drop("authority")
    common = of_gm.filter(topic=COMMON).select(
        topic="subject", meaning=pl.col("value").str.split(" "), is_common=pl.lit(True)
    )
    return (
        pl.concat(
            [asked.join(definitions, on="authority"), asked.join(for_all, how="cross")],
            how="diagonal",
        )
        .filter(is_in_force())
        .unique(["authority", "topic"], keep="first", maintain_order=True)
        .join(common.explode("meaning").unique(), on=["topic", "meaning"], how="left")
        .with_columns(pl.col("is_common").fill_null(False))
        .select("authority", "topic", "meaning", "source_basis", "is_common")
    )
