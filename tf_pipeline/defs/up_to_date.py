"""Tells which of a layer's tables are still what dbt would build, so that a load builds the others.

Belongs here: what a table and its gate rest on, and comparing that with what was kept.
Does not belong here: building (`build_layer.py`), hashing rows (`warehouse/contents.py`).

A table rests on the project as it is parsed, the month, and the rows of every table it is built
from. Where none of these has changed and its own rows are as dbt left them, it is not built again.
Rows are compared by what the tables hold now, never by a time or by what an earlier load meant to
do. Within a layer, what is built from a table that is built again is built again too.
"""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from graphlib import TopologicalSorter
from hashlib import sha256
from importlib.metadata import version
from typing import Any

import duckdb

from tf_pipeline import paths
from tf_pipeline.authorities.crosswalks import seed
from tf_pipeline.defs.dbt_runner import project_as_parsed
from tf_pipeline.defs.unchanged import judged_by
from tf_pipeline.naming import suite_name
from tf_pipeline.quality.gate import GateResult
from tf_pipeline.vocabulary import GateOutcome
from tf_pipeline.warehouse.built import Built, built, keep_built
from tf_pipeline.warehouse.contents import Part, Rows, contents

OPEN = (GateOutcome.PASSED, GateOutcome.PASSED_WITH_FAILURES)
LANDED, CONTROL = "raw", ("ops", "control")
# a model that reads its own earlier months says so thus
ITSELF = "{{ this }}"


@dataclass
class Layer:
    """Tables (model or seed → schema and table) and tests of a layer, in one month and run."""

    tables: Mapping[str, list[str]]
    tests: Iterable[str]
    month: str
    run: str
    name: str = ""
    nodes: Mapping[str, Any] = field(default_factory=dict)
    parts: dict[Part, str] = field(default_factory=dict)
    kept: dict[str, Built] = field(default_factory=dict)

    def __post_init__(self) -> None:
        manifest, self.name = project_as_parsed()
        self.nodes = {**manifest.nodes, **manifest.sources}
        names = {*self.tables, *self.tests}
        self._ids = {n.name: i for i, n in manifest.nodes.items() if n.name in names}
        self._landed = set(seed("reference/ref_datasets.csv")["dataset"])

    def in_order(self) -> list[str]:
        """The tables, each after those it is built from."""
        graph = {
            name: self._parents_in_layer(name) for name in sorted(self.tables)
        }
        return list(TopologicalSorter(graph).static_order())

    def changed(self, connection: duckdb.DuckDBPyConnection) -> set[str]:
        """Tables and tests that are to be built and run again."""
        self.kept = built(connection, self.month)
        self._look(connection, self._wanted())
        found: set[str] = set()
        for name in (*self.in_order(), *self.tests):
            was = self.kept.get(name)
            if (
                was is None
                or found & self._parents_in_layer(name)
                or was.rests_on != self._rests_on(name)
                or was.content != self._content(name)
            ):
                found.add(name)
        return found

    def gates_kept(self, connection: duckdb.DuckDBPyConnection) -> dict[str, GateResult]:
        """Table → what its gate said, where that would be said again and is on record."""
        said_by = judged_by()
        on_record = connection.execute("select gate from ops.gates where month = ?", [self.month])
        recorded = {gate for (gate,) in on_record.fetchall()}
        pages = paths.gate_pages_dir() / self.month
        found = {}
        for name, key in self.tables.items():
            was, suite = self.kept.get(name), suite_name(key)
            if (
                was is not None
                and was.gate is not None
                and (was.content, was.judged_by) == (self._content(name), said_by)
                and suite in recorded
                and (pages / f"{suite}.html").exists()
            ):
                # one that an older program kept otherwise is asked again
                with suppress(KeyError, TypeError, ValueError):
                    found[name] = GateResult.from_kept(was.gate)
        return found

    def look_again(self, connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> None:
        """Looks again at tables that have just been built; the others are known."""
        keys = {tuple(self.tables[name]) for name in names if name in self.tables}
        stale = {part for part in self.parts if part[:2] in keys}
        for part in stale:
            del self.parts[part]
        self._look(connection, self._wanted())

    def keep(
        self,
        connection: duckdb.DuckDBPyConnection,
        gates: Mapping[str, GateResult],
        passed: Iterable[str],
    ) -> None:
        """Keeps how the tables and the tests that passed are now; a gate only where it is open."""
        said_by = judged_by()
        records = {}
        for name in (*self.tables, *passed):
            gate = gates.get(name)
            records[name] = Built(
                self._rests_on(name),
                self._content(name),
                self.run,
                said_by,
                asdict(gate) if gate and gate.outcome in OPEN else None,
            )
        keep_built(connection, self.month, records)

    def _wanted(self) -> set[Part]:
        """What the tables and tests rest on, and the tables themselves."""
        parents = {part for name in self._ids for part in self._built_from(name)}
        return parents | {self._own(name) for name in self.tables}

    def _look(self, connection: duckdb.DuckDBPyConnection, parts: set[Part]) -> None:
        """Hashes parts not yet known; what this very run has built or found is known."""
        wanted = parts - self.parts.keys()
        known = {
            Part(node.schema, node.name, Rows.OF_MONTH): self.kept[node.name].content
            for node in self.nodes.values()
            if node.resource_type == "model"
            and node.name not in self.tables
            and node.name in self.kept
            and self.kept[node.name].run == self.run
        }
        self.parts |= {part: known[part] for part in wanted & known.keys()}
        self.parts |= contents(connection, wanted - known.keys(), self.month)

    def _parents(self, name: str) -> list[str]:
        # a seed is built from no table
        return list(getattr(self.nodes[self._ids[name]].depends_on, "nodes", ()))

    def _parents_in_layer(self, name: str) -> set[str]:
        ids = {self._ids[table] for table in self.tables}
        return {self.nodes[parent].name for parent in ids.intersection(self._parents(name))}

    def _built_from(self, name: str) -> list[Part]:
        """The rows that a table or test is built from; the month it is built for is no part."""
        found = []
        for parent in self._parents(name):
            node = self.nodes[parent]
            if (node.schema, node.name) == CONTROL:
                continue
            rows = Rows.ALL
            if node.schema == LANDED and node.name in self._landed:
                # only `delivered()` reads them, as they stand
                rows = Rows.STANDING
            elif node.resource_type == "model" and node.config.materialized == "table":
                rows = Rows.OF_MONTH
            found.append(Part(node.schema, node.name, rows))
        if ITSELF in self.nodes[self._ids[name]].raw_code:
            found.append(Part(*self.tables[name], Rows.EARLIER))
        return found

    def _rests_on(self, name: str) -> str:
        held = [(part, self.parts.get(part, "")) for part in sorted(self._built_from(name))]
        parts = [self.name, version("duckdb"), os.environ.get("TZ", ""), self.month, held]
        return sha256(repr(parts).encode()).hexdigest()

    def _own(self, name: str) -> Part:
        return Part(*self.tables[name], Rows.OF_MONTH)

    def _content(self, name: str) -> str:
        return self.parts.get(self._own(name), "") if name in self.tables else ""
