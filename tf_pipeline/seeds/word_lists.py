"""Lists of known words that several seeds together make.

Belongs here: a list that is more than a column of a seed.
Does not belong here: which cells must be of it (`known_words.py`).
"""

from collections.abc import Callable

import polars as pl

from tf_pipeline.seeds.word_rule import Seeds
from tf_pipeline.vocabulary import ANY, IGNORE, KEPT_BESIDE, NO_VALUE


def kept(seeds: Seeds) -> pl.DataFrame:
    """What has a period of retention: the datasets, and what is kept next to them."""
    return pl.DataFrame({"word": [*seeds["ref_datasets"]["dataset"], *KEPT_BESIDE]})


def levels(lowest: int) -> Callable[[Seeds], pl.DataFrame]:
    """Levels of at least this rank: 1 leaves out unclassified and none, 0 only none."""
    is_high = pl.col("rank").str.to_integer(strict=False) >= lowest
    return lambda seeds: (
        seeds["ref_intensity_levels"].filter(is_high).select(pl.col("intensity_level").sort())
    )


def fields_of_seeds(seeds: Seeds) -> pl.DataFrame:
    """dataset, field, domain; every need of every framework is a separate field."""
    needs = seeds["ref_needs"].select(
        pl.lit("needs").alias("dataset"),
        (pl.lit("need_") + pl.col("need_code")).alias("field"),
        pl.lit("need_status").alias("domain"),
    )
    fields = seeds["ref_fields"].select("dataset", "field", "domain")
    return pl.concat([fields, needs]).unique(["dataset", "field"], maintain_order=True)


def heading_targets(seeds: Seeds) -> pl.DataFrame:
    """dataset, field: what a heading can mean, IGNORE in every dataset."""
    ignored = seeds["ref_datasets"].select("dataset", pl.lit(IGNORE).alias("field"))
    return pl.concat([seeds["ref_fields"].select("dataset", "field"), ignored])


def _with_any(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows by dataset and field, then rows for any field of a dataset and for any dataset."""
    anywhere = [rows.with_columns(pl.lit(ANY).alias(name)) for name in ("field", "dataset")]
    return pl.concat([rows, *anywhere]).unique(maintain_order=True)


def value_fields(seeds: Seeds) -> pl.DataFrame:
    """dataset, field: where a word can stand, `*` for any."""
    nowhere = pl.DataFrame({"dataset": [ANY], "field": [ANY]})
    return pl.concat([_with_any(fields_of_seeds(seeds).select("dataset", "field")), nowhere])


def canonical(seeds: Seeds) -> pl.DataFrame:
    """dataset, field, value: what a word there can mean."""
    values = fields_of_seeds(seeds).join(
        seeds["ref_values"], on="domain", maintain_order="left_right", how="inner"
    )
    values = _with_any(values.select("dataset", "field", "value"))
    no_value = value_fields(seeds).join(pl.DataFrame({"value": NO_VALUE}), how="cross")
    return pl.concat([values, no_value]).unique(maintain_order=True)


def placeholders(seeds: Seeds) -> pl.DataFrame:
    """rule, placeholder in braces: what the texts of a rule can name."""
    names = pl.col("placeholders").fill_null("none").str.extract_all(r"\S+")
    rows = seeds["ref_messages"].select("rule", names).explode("placeholders")
    braced = pl.concat_str(pl.lit("{"), "placeholders", pl.lit("}"))
    return rows.select("rule", braced.replace({"{none}": "none"}))
