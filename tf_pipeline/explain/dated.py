"""The dated rows that affect a figure, as in force at the load: crosswalks and declarations.

Each file in `dated/` is for one seed; it selects the rows about the fields and words read.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from tf_pipeline import paths
from tf_pipeline.explain.cell import Cell
from tf_pipeline.explain.lineage import Line

HERE = Path(__file__).parent / "dated"
PREPARE = """
create or replace temp table words_standing as
with standing as (
    select distinct authority, month, dataset, field, domain,
        words_key(unnest(
            if(is_list, regexp_split_to_array(trim(text), '\\s*[;,|]\\s*'), [text])
        )) as word,
    from (
        select
            rows.authority, rows.month, rows.dataset,
            coalesce(fields.data_type = 'list', false) as is_list,
            if(is_list, fields.domain, fields.field) as field,
            fields.domain,
            rows.cells[read.heading] as text,
        from rows_behind as rows
        inner join fields_read as read using (authority, month, dataset)
        inner join warehouse.reference.ref_fields as fields using (dataset, field)
        where read.heading is not null
    )
    where text is not null
)

select authority, month, dataset, field, word from standing
union
-- one column may hold the words of several fields: then they are looked up as those
select standing.authority, standing.month, standing.dataset, others.field, standing.word
from standing
inner join fields_read as others using (authority, month, dataset)
inner join warehouse.reference.ref_fields as fields
    on others.dataset = fields.dataset and others.field = fields.field
where others.heading is null and standing.domain = fields.domain;
"""


@dataclass(frozen=True)
class Dated:
    """What one dated row says, and who reviewed it."""

    seed: str
    authority: str
    says: str
    valid_from: date
    valid_to: date | None
    reviewed_by: str
    reason: str | None


def dated_rows(
    connection: duckdb.DuckDBPyConnection, cell: Cell, lines: list[Line]
) -> dict[str, list[Dated]]:
    """Rows in force for the deliveries behind the figure, by seed file."""
    connection.execute(PREPARE)
    topics = sorted({topic for line in lines for topic in line.topics})
    connection.execute(
        "create or replace temp table topics_read as select unnest(?::varchar[]) as topic", [topics]
    )
    connection.execute(
        "create or replace temp table month_read as "
        "select last_day(cast(?::varchar || '-01' as date)) as month_end",
        [cell.row.get("month")],
    )
    found = {}
    for file in sorted(HERE.glob("*.sql")):
        rows = connection.execute(file.read_text("utf-8")).fetchall()
        found[seed_file(file.stem)] = [Dated(file.stem, *row) for row in rows]
    return {file: rows for file, rows in found.items() if rows}


def seed_file(seed: str) -> str:
    """The path of a seed in the repository."""
    found = next(paths.seeds_dir().rglob(f"{seed}.csv"), None)
    return str(found.relative_to(paths.dbt_dir().parent)) if found else f"{seed}.csv"
