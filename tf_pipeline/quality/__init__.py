"""Suites of rules, and the gates that evaluate them.

Belongs here: reading and composing suites, evaluating them, and showing the results to a lead.
Only counts and row numbers leave this package, never a cell's value.
Does not belong here: Dagster, DuckDB, opening files (`ingest`), the consequences of a failed gate
(`defs`), and facts across tables (dbt tests).
"""
