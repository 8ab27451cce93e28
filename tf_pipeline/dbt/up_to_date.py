"""Finds the tables of a layer that are out of date, so that a load builds only those.

Belongs here: what a table and its gate depend on, and comparing that with the build records.
Does not belong here: building (`build_layer.py`), hashing rows (`warehouse/contents.py`).

A table depends on the parsed project, the month, and the rows of its upstream tables. If none of
these has changed and its own rows are as dbt left them, it is not built again. The comparison uses
the tables' current rows, never a time or the plan of an earlier load: if a table is built again
and its rows do not change, its downstream tables are not built.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from graphlib import TopologicalSorter
from hashlib import sha256
from importlib.metadata import version

import duckdb

from tf_pipeline import paths
from tf_pipeline.dbt.build_records import BuildRecord, build_records, keep_build_records
from tf_pipeline.dbt.runner import project_as_parsed
from tf_pipeline.deliveries.unchanged import judging_version
from tf_pipeline.naming import suite_name
from tf_pipeline.quality.gate_result import GateResult
from tf_pipeline.rules.crosswalks import seed
from tf_pipeline.rules.rule_parts import resolver_version
from tf_pipeline.warehouse.contents import Part, Rows, contents

LANDED, CONTROL = "raw", ("ops", "control")
# dbt's name for a model's own table, from which the model may read earlier months
ITSELF = re.compile(r"\bthis\b")


class Layer:
    """Tables and tests of a layer in one month and run, with their inputs then and now."""

    def __init__(
        self, tables: Mapping[str, list[str]], tests: Iterable[str], month: str, run: str
    ) -> None:
        """`tables` is model or seed → schema and table; `run` is the id of the Dagster run."""
        self.tables, self.month, self.run = tables, month, run
        manifest, self._project = project_as_parsed()
        self._judged_by = judging_version()
        self._nodes = {**manifest.nodes, **manifest.sources}
        names = {*tables, *tests}
        self._ids = {n.name: i for i, n in manifest.nodes.items() if n.name in names}
        self._resolver = resolver_version()
        self._landed = set(seed("reference/ref_datasets.csv")["dataset"])
        # hashes of the rows now, stored build records, and records of tables built in this run
        self._parts: dict[Part, str] = {}
        self._kept: dict[str, BuildRecord] = {}
        self._since: dict[str, BuildRecord] = {}

    def in_order(self) -> list[str]:
        """The tables, in build order."""
        graph = {name: self._parents_in_layer(name) for name in sorted(self.tables)}
        return list(TopologicalSorter(graph).static_order())

    def changed(self, connection: duckdb.DuckDBPyConnection) -> set[str]:
        """Tables and tests whose rows or inputs differ from their build records.

        Call it again after building these: only then are the inputs of their downstream known.
        """
        self._kept = self._kept or build_records(connection, self.month)
        self._look(connection)
        last = self._kept | self._since
        return {
            name
            for name in self._ids
            if (was := last.get(name)) is None
            or (was.rests_on, was.content) != (self._rests_on(name), self._content(name))
        }

    def gates_kept(self, connection: duckdb.DuckDBPyConnection) -> dict[str, GateResult]:
        """Table → its gate's stored result, if it is still valid and recorded."""
        on_record = connection.execute("select gate from ops.gates where month = ?", [self.month])
        recorded = {gate for (gate,) in on_record.fetchall()}
        pages = paths.gate_pages_dir() / self.month
        found = {}
        for name, key in self.tables.items():
            was, suite = self._kept.get(name), suite_name(key)
            if (
                was is not None
                and was.gate is not None
                and (was.content, was.judged_by) == (self._content(name), self._judged_by)
                and suite in recorded
                and (pages / f"{suite}.html").exists()
            ):
                # run the gate again if an older version stored its result in another form
                with suppress(KeyError, TypeError, ValueError):
                    found[name] = GateResult.from_stored(was.gate)
        return found

    def have_built(self, connection: duckdb.DuckDBPyConnection, names: Collection[str]) -> None:
        """Hashes the tables that have just been built again; the other hashes stay."""
        keys = {tuple(self.tables[name]) for name in names}
        self._parts = {part: held for part, held in self._parts.items() if part[:2] not in keys}
        self._look(connection)
        for name in names:
            self._since[name] = BuildRecord(self._rests_on(name), self._content(name), self.run)

    def keep(
        self,
        connection: duckdb.DuckDBPyConnection,
        gates: Mapping[str, GateResult],
        passed: Iterable[str],
    ) -> None:
        """Stores build records of the tables and the passed tests; of gates, only open ones."""
        records = {}
        for name in (*self.tables, *passed):
            gate = gates.get(name)
            records[name] = BuildRecord(
                self._rests_on(name),
                self._content(name),
                self.run,
                self._judged_by,
                asdict(gate) if gate and gate.is_open else None,
            )
        keep_build_records(connection, self.month, records)

    def _look(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Hashes the tables, and the inputs of tables and tests, that are not yet known.

        Known is what this run has already built or found unchanged.
        """
        wanted = {part for name in self._ids for part in self._built_from(name)}
        wanted |= {self._own(name) for name in self.tables}
        wanted -= self._parts.keys()
        known = {
            Part(node.schema, node.name, Rows.OF_MONTH): self._kept[node.name].content
            for node in self._nodes.values()
            if node.resource_type == "model"
            and node.name not in self.tables
            and node.name in self._kept
            and self._kept[node.name].run == self.run
        }
        self._parts |= {part: known[part] for part in wanted & known.keys()}
        self._parts |= contents(connection, wanted - known.keys(), self.month)

    def _parents(self, name: str) -> list[str]:
        """The tables that a table or test reads, also through models that are no tables."""
        return sorted(self._tables_above(self._ids[name]))

    def _tables_above(self, node: str) -> set[str]:
        found: set[str] = set()
        # a seed is built from no table
        for parent in getattr(self._nodes[node].depends_on, "nodes", ()):
            config = self._nodes[parent].config
            is_table = getattr(config, "materialized", "") != "ephemeral"
            found |= {parent} if is_table else self._tables_above(parent)
        return found

    def _parents_in_layer(self, name: str) -> set[str]:
        ids = {self._ids[table] for table in self.tables}
        return {self._nodes[parent].name for parent in ids.intersection(self._parents(name))}

    def _built_from(self, name: str) -> list[Part]:
        """The rows that a table or test is built from, without the control table of the month."""
        found = []
        for parent in self._parents(name):
            node = self._nodes[parent]
            if (node.schema, node.name) == CONTROL:
                continue
            rows = Rows.ALL
            if node.schema == LANDED and node.name in self._landed:
                # only `delivered_rows()` reads these tables, and only the current deliveries
                rows = Rows.STANDING
            elif node.resource_type == "model" and node.config.materialized == "table":
                rows = Rows.OF_MONTH
            found.append(Part(node.schema, node.name, rows))
        node = self._nodes[self._ids[name]]
        if node.config.materialized == "incremental" and ITSELF.search(node.raw_code):
            found.append(self._own(name)._replace(rows=Rows.EARLIER))
        return found

    def _rests_on(self, name: str) -> str:
        held = [(part, self._parts.get(part, "")) for part in sorted(self._built_from(name))]
        parts = [self._project, version("duckdb"), self.month, held]
        if getattr(self._nodes[self._ids[name]], "language", "") == "python":
            # the resolver's code is not in dbt's project
            parts.append(self._resolver)
        return sha256(repr(parts).encode()).hexdigest()

    def _own(self, name: str) -> Part:
        schema, table = self.tables[name]
        return Part(schema, table, Rows.OF_MONTH)

    def _content(self, name: str) -> str:
        return self._parts.get(self._own(name), "") if name in self.tables else ""
