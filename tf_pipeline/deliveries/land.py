"""Puts an opened dataset into the form in which it lands."""

from collections.abc import Sequence

from tf_pipeline.deliveries.delivery_register import Counted
from tf_pipeline.deliveries.plausibility import rows_sha256
from tf_pipeline.ingest.opened_dataset import OpenedDataset
from tf_pipeline.warehouse.landing import LandedDataset


def as_landed(one: OpenedDataset) -> LandedDataset:
    """An opened dataset, ready to land."""
    return LandedDataset(
        one.dataset,
        one.file_name,
        one.file_sha256,
        one.sheet,
        one.date_formats,
        one.rows.headings,
        one.rows.accepted,
        one.rows.set_aside,
        one.rows.delivered,
        rows_sha256(one),
    )


def counted(opened: Sequence[OpenedDataset]) -> list[Counted]:
    """Lines and records of each dataset, as the register keeps them."""
    return [Counted(one.dataset, one.lines, one.records) for one in opened]
