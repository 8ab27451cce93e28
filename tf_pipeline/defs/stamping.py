"""Stamps an authority's delivery suite from what its crosswalk says it supplies."""

from pathlib import Path

import polars as pl

from tf_pipeline.authorities import registry
from tf_pipeline.authorities.workbook import workbook_fields
from tf_pipeline.quality.stamp import Field, stamp_delivery_suite, write_suite
from tf_pipeline.rules.crosswalks import fields, seed
from tf_pipeline.vocabulary import ANY


def stamp_authority(authority: str) -> Path:
    """Writes `expectations/delivery.<authority>.json` and returns its path."""
    shape = registry.shape(authority)
    rows = seed("crosswalks/xwalk_headings.csv")
    rows = rows.filter(pl.col("authority").is_in([authority, ANY]))
    supplied = set(rows.select("dataset", "field").iter_rows())
    own = workbook_fields().filter(pl.col("dataset").is_in(list(shape.from_workbook)))
    supplied |= set(own.select("dataset", "field").iter_rows())
    by_dataset: dict[str, list[Field]] = {dataset: [] for dataset in shape.datasets}
    for one in fields():
        if one.dataset in by_dataset and (one.dataset, one.name) in supplied:
            by_dataset[one.dataset].append(
                Field(one.dataset, one.name, one.data_type, one.is_essential, one.domain or "")
            )
    optional = [name for name, opening in shape.datasets.items() if opening.optional]
    return write_suite(stamp_delivery_suite(authority, by_dataset, optional))
