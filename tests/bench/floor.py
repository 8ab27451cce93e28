"""The floor: the same files and the same SQL in one process, without Dagster, dbt or GX.

Belongs here: plain Polars, fastexcel and DuckDB. launch.py runs it in a tree's own Python.
Does not belong here: any import of tf_pipeline or of this folder.
README.md says what the floor leaves out.
"""

import argparse
import json
from collections.abc import Callable
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb
import fastexcel
import polars as pl

Say = Callable[[str], None]
SEPARATORS = ",;\t|"


def main(arguments: list[str], say: Say) -> dict:
    """Does the work; `say` is told each part as it begins. Returns rows read and tables made."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--month-folder", type=Path, required=True)
    asked.add_argument("--loaded", type=Path, required=True, help="a loaded warehouse.duckdb")
    asked.add_argument("--manifest", type=Path, required=True, help="of `dbt compile`")
    asked.add_argument("--project", type=Path, required=True, help="the tree's dbt_project")
    asked.add_argument("--out", type=Path, required=True, help="an empty folder")
    given = asked.parse_args(arguments)
    nodes = json.loads(given.manifest.read_text())["nodes"]
    seeds = {key: node for key, node in nodes.items() if node["resource_type"] == "seed"}
    models = {key: node for key, node in nodes.items() if node["resource_type"] == "model"}
    # compiled SQL names the database by the file's name
    with duckdb.connect(given.out / given.loaded.name) as connection:
        connection.execute(f"attach '{given.loaded}' as loaded (read_only)")
        say("files read")
        rows = _read_files(connection, given.month_folder)
        say("landed rows copied")
        copied = _copy_landed(connection, {_name(node) for node in (seeds | models).values()})
        say("seeds")
        _load_seeds(connection, seeds, given.project)
        say("models")
        _build_models(connection, models)
        say("gm copied")
        _copy_gm(connection, given.out / "gm.duckdb")
        say("closing")
    return {"rows": rows, "copied": copied, "seeds": len(seeds), "models": len(models)}


def _read_files(connection: duckdb.DuckDBPyConnection, folder: Path) -> int:
    """Each text file and each sheet becomes a table of texts; returns their rows."""
    connection.execute("create schema files")
    read = 0
    for number, path in enumerate(sorted(folder.glob("la*/*"))):
        if path.suffix == ".xlsx":
            frames = _sheets(path)
        elif path.suffix in (".csv", ".txt"):
            frames = [_text(path)]
        else:
            continue
        for sheet, frame in enumerate(frames):
            connection.register("frame", frame.to_arrow())
            connection.execute(f"create table files.f{number}_{sheet} as from frame")
            connection.unregister("frame")
            read += frame.height
    return read


def _sheets(path: Path) -> list[pl.DataFrame]:
    book = fastexcel.read_excel(path)
    sheets = [book.load_sheet(name, header_row=None, dtypes="string") for name in book.sheet_names]
    return [frame for sheet in sheets if (frame := sheet.to_polars()).width]


def _text(path: Path) -> pl.DataFrame:
    with path.open(encoding="latin-1") as file:
        beginning = file.read(4096)
    return pl.read_csv(
        path,
        separator=max(SEPARATORS, key=beginning.count),
        has_header=False,
        infer_schema=False,
        encoding="utf8-lossy",
        truncate_ragged_lines=True,
    )


def _copy_landed(connection: duckdb.DuckDBPyConnection, made: set[tuple[str, str]]) -> int:
    """Copies what neither a seed nor a model makes, whatever it is called; returns the tables."""
    found = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'loaded'"
    ).fetchall()
    landed = sorted(set(found) - made)
    for schema, table in landed:
        connection.execute(f'create schema if not exists "{schema}"')
        connection.execute(f'create table "{schema}"."{table}" as from loaded."{schema}"."{table}"')
    return len(landed)


def _load_seeds(connection: duckdb.DuckDBPyConnection, seeds: dict, project: Path) -> None:
    """Reads each CSV with the column types that dbt gave it in the loaded warehouse."""
    for node in seeds.values():
        schema, table = _name(node)
        types = dict(
            connection.execute(
                "select column_name, data_type from duckdb_columns() where database_name = "
                "'loaded' and schema_name = ? and table_name = ? order by column_index",
                [schema, table],
            ).fetchall()
        )
        connection.execute(f'create schema if not exists "{schema}"')
        connection.execute(
            f'create table "{schema}"."{table}" as '
            f"from read_csv($path, header = true, delim = ',', quote = '\"', columns = {types})",
            {"path": str(project / node["original_file_path"])},
        )


def _build_models(connection: duckdb.DuckDBPyConnection, models: dict) -> None:
    order = TopologicalSorter({key: node["depends_on"]["nodes"] for key, node in models.items()})
    for key in order.static_order():
        if node := models.get(key):
            connection.execute(f'create schema if not exists "{node["schema"]}"')
            sql = node["compiled_code"]
            connection.execute(f"create table {node['relation_name']} as (\n{sql}\n)")


def _copy_gm(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    tables = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'gm' "
        "and database_name = current_database()"
    ).fetchall()
    connection.execute(f"attach '{path}' as published")
    connection.execute("create schema published.gm")
    for (table,) in tables:
        connection.execute(f'create table published.gm."{table}" as from gm."{table}"')
    connection.execute("detach published")


def _name(node: dict) -> tuple[str, str]:
    return node["schema"], node["alias"]
