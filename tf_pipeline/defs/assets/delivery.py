"""One asset per authority's delivery, made from its YAML; Gate 1 is its check."""

from collections.abc import Iterator

import dagster as dg

from tf_pipeline import progress
from tf_pipeline.authorities import registry
from tf_pipeline.authorities.spec import AuthorityShape
from tf_pipeline.defs.assets.delivery_description import describe_delivery
from tf_pipeline.defs.assets.delivery_metadata import (
    accepted_metadata,
    refusal,
    refused_metadata,
    unopened_check,
)
from tf_pipeline.defs.checks import check_result, check_spec, write_pages
from tf_pipeline.defs.gated_asset import ENGINEERS, gated_asset
from tf_pipeline.defs.run_tags import inbox_of, is_again
from tf_pipeline.deliveries.intake import ingest_delivery
from tf_pipeline.naming import delivery_key, suite_name
from tf_pipeline.vocabulary import Outcome

GROUP = "deliveries"


def delivery_assets() -> list[dg.AssetsDefinition]:
    """An asset for every authority that has a shape."""
    return [_delivery_asset(registry.shape(authority)) for authority in registry.authorities()]


def _delivery_asset(shape: AuthorityShape) -> dg.AssetsDefinition:
    key = delivery_key(shape.authority)
    kinds = {"duckdb", *(opening.format for opening in shape.datasets.values())}

    @gated_asset(
        name=f"delivery_{shape.authority}",
        step_name=f"delivery of {shape.authority}",
        specs=[
            dg.AssetSpec(
                key,
                description=describe_delivery(shape),
                group_name=GROUP,
                owners=["team:authority-analysts", ENGINEERS],
                kinds=kinds,
                # if a delivery is refused, the last one stays current and nothing is materialised
                metadata={"datasets": sorted(shape.datasets), "suite": f"{suite_name(key)}.json"},
            )
        ],
        checks=[
            check_spec(key, "Gate 1: every dataset of the delivery, before it replaces anything")
        ],
    )
    def deliver(context: dg.AssetExecutionContext) -> Iterator:
        month = context.partition_key
        progress.report(f"{shape.authority}: opening and gating {month}")
        result = ingest_delivery(shape.authority, month, inbox_of(context), is_again(context))
        for finding in result.candidate.findings:
            progress.report(f"{shape.authority}: {finding}")
        context.log.info(f"{shape.authority} {month}: {result.outcome.value}")
        if result.gate is not None:
            if not result.is_unchanged:
                write_pages([result.gate], month)
            yield check_result(key, result.gate)
        elif result.outcome is not Outcome.NOT_DELIVERED:
            yield unopened_check(key, result)
        if result.outcome is not Outcome.ACCEPTED:
            progress.report(f"{shape.authority}: {result.outcome.value}")
            raise dg.Failure(
                description=refusal(result),
                metadata=refused_metadata(result),
                allow_retries=False,
            )
        accepted = sum(rows[1] for rows in result.rows.values())
        unchanged = ", unchanged since it was accepted" * result.is_unchanged
        progress.report(f"{shape.authority}: accepted, {accepted:,} rows{unchanged}")
        yield dg.MaterializeResult(asset_key=key, metadata=accepted_metadata(result))

    return deliver
