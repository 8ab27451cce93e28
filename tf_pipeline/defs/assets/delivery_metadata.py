"""What the UI shows of a delivery: rows and files where it is accepted, reasons where it is not.

Belongs here: Dagster's metadata and check results of a delivery; no cell's value.
Does not belong here: the asset (`delivery.py`).
"""

import dagster as dg

from tf_pipeline.defs.checks import CHECK
from tf_pipeline.defs.table_metadata import LANDED
from tf_pipeline.deliveries.intake import IntakeResult
from tf_pipeline.vocabulary import Outcome

COUNTED = dg.TableSchema(
    [
        dg.TableColumn("dataset", "string"),
        dg.TableColumn("delivered", "int"),
        dg.TableColumn("accepted", "int"),
        dg.TableColumn("set_aside", "int"),
    ]
)


def accepted_metadata(result: IntakeResult) -> dict:
    """Rows by dataset, files and work list of an accepted delivery."""
    records = [
        dg.TableRecord(
            {"dataset": name, "delivered": rows[0], "accepted": rows[1], "set_aside": rows[2]}
        )
        for name, rows in result.rows.items()
    ]
    return {
        "dagster/row_count": sum(rows[1] for rows in result.rows.values()),
        "dagster/column_schema": LANDED,
        "datasets": dg.MetadataValue.table(records, COUNTED),
        "files": sorted(result.files),
        **_which(result),
        "work_list": _findings(result),
    }


def refused_metadata(result: IntakeResult) -> dict:
    """Outcome and work list of a delivery that is not accepted."""
    return {"outcome": result.outcome.value, "findings": _findings(result), **_which(result)}


def refusal(result: IntakeResult) -> str:
    """In one sentence: why a delivery is not accepted, and which one stays current."""
    if result.outcome is Outcome.NOT_DELIVERED:
        return (
            f"Nothing was delivered for {result.month}; the last accepted delivery stays current."
        )
    outcome = result.outcome.value.capitalize()
    return f"{outcome}: {result.reason}. The last accepted delivery stays current."


def unopened_check(key: list[str], result: IntakeResult) -> dg.AssetCheckResult:
    """The check of a delivery that no gate has seen."""
    return dg.AssetCheckResult(
        asset_key=dg.AssetKey(key),
        check_name=CHECK,
        passed=False,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"The delivery was {result.outcome.value} before its rows could be validated.",
        metadata=refused_metadata(result),
    )


def _which(result: IntakeResult) -> dict:
    """The delivery's id in the register, and whether it is from the inbox or the landing."""
    if not result.candidate.files:
        return {}
    origin = "landing, chosen again" if result.candidate.is_chosen else "inbox"
    return {"delivery": result.candidate.delivery, "taken_from": origin}


def _findings(result: IntakeResult) -> dg.MarkdownMetadataValue:
    return dg.MetadataValue.md("\n".join(f"- {finding}" for finding in result.findings) or "none")
