"""Opens the sources of an explanation: the current release as `gm`, and the warehouse."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from tf_pipeline import paths
from tf_pipeline.explain.not_explained import NotExplained
from tf_pipeline.explain.rules_then import resolve_accepted
from tf_pipeline.warehouse.connect import LANDING_VERSION
from tf_pipeline.warehouse.lock import write_lock
from tf_pipeline.warehouse.opening import attach, in_memory

HERE = Path(__file__).parent
# a load may take minutes: report that to the user instead of waiting
WAIT_SECONDS = 5.0
DELIVERED = """
    select
        rows.authority, rows.month, '{dataset}' as dataset, rows.file_name, rows.sheet,
        rows.row_number, rows.item, rows.cells as texts,
        family.key as family_key,
        person.key as person_key,
    from warehouse.raw."{dataset}" as rows
    inner join ids
        on rows.authority = ids.authority
        and rows.month = ids.month
        and ids.dataset = '{dataset}'
    left join warehouse.restricted.key_map as family
        on family.kind = 'family'
        and rows.authority = family.authority
        and trim(rows.cells[ids.family_position]) = family.local_id
    left join warehouse.restricted.key_map as person
        on person.kind = 'person'
        and rows.authority = person.authority
        and trim(rows.cells[ids.person_position]) = person.local_id
"""
# rebuilds the key of int_interventions from the delivered rows
INTERVENTIONS = """
create temp view delivered_interventions as
with texts as (
    select
        rows.*,
        accepted.date_formats,
        if(no_name.word is null, {name}, null) as word,
        if(no_start.word is null, trim(rows.texts[start.position]), null) as start_text,
    from delivered as rows
    inner join accepted using (authority, month, dataset)
    left join headings as name
        on (rows.authority, rows.month) = (name.authority, name.month)
        and (name.dataset, name.field) = ('interventions', 'intervention')
    left join headings as start
        on (rows.authority, rows.month) = (start.authority, start.month)
        and (start.dataset, start.field) = ('interventions', 'start_date')
    left join no_value_words as no_name
        on (rows.authority, rows.month) = (no_name.authority, no_name.month)
        and (no_name.dataset, no_name.field) = ('interventions', 'intervention')
        and no_name.word = {name}
    left join no_value_words as no_start
        on (rows.authority, rows.month) = (no_start.authority, no_start.month)
        and (no_start.dataset, no_start.field) = ('interventions', 'start_date')
        and no_start.word = words_key(rows.texts[start.position])
    where rows.dataset = 'interventions' and rows.family_key is not null
),

dated as (
    select * exclude (date_formats, start_text), coalesce({dates})::date as start_date
    from texts
)

select
    * exclude (word, start_date),
    left(sha256(concat_ws(
        '|', authority, family_key, word, start_date,
        row_number() over (
            partition by authority, month, family_key, word, start_date
            order by file_name, row_number, item
        )
    )), 20) as intervention_key,
from dated
"""
NO_VALUES = """
create temp view no_value_words as
select authority, month, dataset, field, word
from words
where canonical in ('not_known', 'not_held', 'not_applicable')
"""


@contextmanager
def reader() -> Iterator[duckdb.DuckDBPyConnection]:
    """The current release and the warehouse, read only, with the views that explanations read.

    Raises NotExplained if nothing is published, and WarehouseBusy while a load is writing.
    """
    release = paths.current_release_path()
    if not release.exists() or not paths.warehouse_path().exists():
        raise NotExplained("Nothing has been published yet. Load a month: tf-pipeline load")
    with write_lock("explaining a figure", WAIT_SECONDS):
        connection = in_memory(paths.warehouse_path().parent)
        try:
            _attach(connection, release.resolve(), "published")
            _attach(connection, paths.warehouse_path(), "warehouse")
            _refuse_an_older_version(connection)
            connection.execute("use published")
            resolve_accepted(connection)
            connection.execute((HERE / "views.sql").read_text("utf-8"))
            _delivered_views(connection)
            yield connection
        finally:
            connection.close()


def _refuse_an_older_version(connection: duckdb.DuckDBPyConnection) -> None:
    """Raises NotExplained if an older version landed the rows in another form."""
    version = connection.execute("select max(landing) from warehouse.ops.version").fetchall()[0][0]
    if version < LANDING_VERSION:
        raise NotExplained(
            "An older version of the pipeline wrote the warehouse. Load the month again, then its "
            "figures can be explained: tf-pipeline load MONTH"
        )


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    attach(connection, path, name)


def _delivered_views(connection: duckdb.DuckDBPyConnection) -> None:
    """View `delivered`: every landed row with the pseudonyms of its family and person."""
    names = connection.execute("select dataset from warehouse.reference.ref_datasets").fetchall()
    rows = "\n    union all\n".join(DELIVERED.format(dataset=name) for (name,) in names)
    connection.execute(f"create temp view delivered as {rows}")
    connection.execute(NO_VALUES)
    formats = connection.execute(
        "select distinct unnest(date_formats) as format from accepted "
        "where dataset = 'interventions' order by format"
    ).fetchall()
    dates = ",\n        ".join(_date(name) for (name,) in formats)
    name = "nullif(words_key(rows.texts[name.position]), '')"
    connection.execute(INTERVENTIONS.format(dates=dates or "null", name=name))


def _date(name: str) -> str:
    """SQL for a start date in one declared format; null in any other (see parse_date)."""
    declared = f"list_contains(date_formats, '{name}')"
    if name == "excel_serial":
        days = "if(regexp_full_match(start_text, '[0-9]{5}'), start_text, null)::integer"
        return f"if({declared}, timestamp '1899-12-30' + to_days({days}), null)"
    # DuckDB's %Y would read the year 43 in 12/03/43
    digits = "[0-9]{8}" if name == "%d%m%Y" else "[0-9]{4}"
    long = f" and regexp_matches(start_text, '{digits}')" if "%Y" in name else ""
    return f"if({declared}{long}, try_strptime(start_text, '{name}'), null)"
