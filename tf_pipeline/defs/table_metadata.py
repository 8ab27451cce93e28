"""Dagster's metadata of a built table: its rows and its columns with descriptions."""

from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    from tf_pipeline.dbt.build_layer import TableFacts


def table_metadata(facts: "TableFacts") -> dict[str, Any]:
    """Row count, address and column schema, under the names that the UI expects."""
    columns = [dg.TableColumn(c.name, c.data_type, description=c.comment) for c in facts.columns]
    return {
        "dagster/row_count": facts.rows,
        "dagster/table_name": f"{facts.schema}.{facts.name}",
        "dagster/column_schema": dg.TableSchema(columns),
    }
