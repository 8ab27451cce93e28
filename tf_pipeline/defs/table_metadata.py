"""Dagster's metadata of a table: its rows and its columns with descriptions."""

from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    from tf_pipeline.dbt.build_layer import TableFacts

# every landed table has these columns
LANDED = dg.TableSchema(
    [
        dg.TableColumn("authority", "varchar", description="Authority that delivered"),
        dg.TableColumn("month", "varchar", description="Month delivered, YYYY-MM"),
        dg.TableColumn("file_name", "varchar", description="Delivered file"),
        dg.TableColumn("sheet", "varchar", description="Sheet of a workbook"),
        dg.TableColumn("row_number", "integer", description="Row in the file"),
        dg.TableColumn("item", "integer", description="Number of a repeated group"),
        dg.TableColumn("cells", "varchar[]", description="Texts, in the order of the headings"),
    ]
)


def table_metadata(facts: "TableFacts") -> dict[str, Any]:
    """Row count, address and column schema, under the names that the UI expects."""
    columns = [dg.TableColumn(c.name, c.data_type, description=c.comment) for c in facts.columns]
    return {
        "dagster/row_count": facts.rows,
        "dagster/table_name": f"{facts.schema}.{facts.name}",
        "dagster/column_schema": dg.TableSchema(columns),
    }
