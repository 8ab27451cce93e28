"""One asset per authority's delivery, made from its YAML; Gate 1 is its check."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from tf_pipeline import paths, progress
from tf_pipeline.authorities import registry
from tf_pipeline.authorities.spec import AuthorityShape
from tf_pipeline.defs.checks import CHECK, check_result, check_spec, write_pages
from tf_pipeline.defs.gated_asset import ENGINEERS, gated_asset
from tf_pipeline.deliveries.intake import IntakeResult, ingest_delivery
from tf_pipeline.naming import delivery_key, suite_name
from tf_pipeline.vocabulary import Outcome

GROUP = "deliveries"
# a run with this tag validates every delivery and builds every table, even unchanged ones
AGAIN = "tf/again"


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
                description=_description(shape),
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
        result = ingest_delivery(shape.authority, month, _inbox(context), is_again(context))
        for finding in result.candidate.findings:
            progress.report(f"{shape.authority}: {finding}")
        context.log.info(f"{shape.authority} {month}: {result.outcome.value}")
        if result.gate is not None:
            if not result.is_unchanged:
                write_pages([result.gate], month)
            yield check_result(key, result.gate)
        elif result.outcome is not Outcome.NOT_DELIVERED:
            yield _unopened(key, result)
        if result.outcome is not Outcome.ACCEPTED:
            progress.report(f"{shape.authority}: {result.outcome.value}")
            raise dg.Failure(
                description=_refusal(result), metadata=_refused(result), allow_retries=False
            )
        accepted = sum(rows[1] for rows in result.rows.values())
        unchanged = ", unchanged since it was accepted" * result.is_unchanged
        progress.report(f"{shape.authority}: accepted, {accepted:,} rows{unchanged}")
        yield dg.MaterializeResult(asset_key=key, metadata=_metadata(result))

    return deliver


def is_again(context: dg.AssetExecutionContext) -> bool:
    """Whether the run validates and builds everything, even what is unchanged."""
    return context.run.tags.get(AGAIN) == "yes"


def _inbox(context: dg.AssetExecutionContext) -> Path:
    """The inbox named in the run's tag, otherwise the configured one."""
    named = context.run.tags.get("tf/inbox")
    return Path(named) if named else paths.inbox_dir()


def _description(shape: AuthorityShape) -> str:
    openings = shape.datasets.items()
    rows = "\n".join(
        f"| {name} | `{one.files}` | {one.sheet or ''} |{' optional' if one.optional else ''} |"
        for name, one in openings
    )
    return (
        f"{shape.summary.strip()}\n\n| dataset | file | sheet | |\n|---|---|---|---|\n{rows}\n\n"
        f"Gate 1 is `expectations/{suite_name(delivery_key(shape.authority))}.json`. A delivery "
        "that does not pass leaves the last accepted month standing."
    )


def _unopened(key: list[str], result: IntakeResult) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=dg.AssetKey(key),
        check_name=CHECK,
        passed=False,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"The delivery was {result.outcome.value} before its rows could be judged.",
        metadata=_refused(result),
    )


def _refusal(result: IntakeResult) -> str:
    if result.outcome is Outcome.NOT_DELIVERED:
        return f"Nothing was delivered for {result.month}; the last accepted month stands."
    return f"{result.outcome.value.capitalize()}: {result.reason}. The last accepted month stands."


def _refused(result: IntakeResult) -> dict:
    return {"outcome": result.outcome.value, "findings": _findings(result), **_which(result)}


def _which(result: IntakeResult) -> dict:
    """The delivery's id in the register, and whether it is from the inbox or the landing."""
    if not result.candidate.files:
        return {}
    origin = "landing, chosen again" if result.candidate.is_chosen else "inbox"
    return {"delivery": result.candidate.delivery, "taken_from": origin}


def _findings(result: IntakeResult) -> dg.MarkdownMetadataValue:
    return dg.MetadataValue.md("\n".join(f"- {finding}" for finding in result.findings) or "none")


def _metadata(result: IntakeResult) -> dict:
    columns = [
        dg.TableColumn("dataset", "string"),
        dg.TableColumn("delivered", "int"),
        dg.TableColumn("accepted", "int"),
        dg.TableColumn("set_aside", "int"),
    ]
    records = [
        dg.TableRecord(
            {"dataset": name, "delivered": rows[0], "accepted": rows[1], "set_aside": rows[2]}
        )
        for name, rows in result.rows.items()
    ]
    return {
        "dagster/row_count": sum(rows[1] for rows in result.rows.values()),
        "dagster/column_schema": dg.TableSchema(
            [
                dg.TableColumn("authority", "varchar", description="Authority that delivered"),
                dg.TableColumn("month", "varchar", description="Month delivered, YYYY-MM"),
                dg.TableColumn("file_name", "varchar", description="Delivered file"),
                dg.TableColumn("sheet", "varchar", description="Sheet of a workbook"),
                dg.TableColumn("row_number", "integer", description="Row in the file"),
                dg.TableColumn("item", "integer", description="Number of a repeated group"),
                dg.TableColumn(
                    "cells", "varchar[]", description="Texts, in the order of the headings"
                ),
            ]
        ),
        "datasets": dg.MetadataValue.table(records, dg.TableSchema(columns)),
        "files": sorted(result.files),
        **_which(result),
        "work_list": _findings(result),
    }
