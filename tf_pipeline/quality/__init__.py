"""What must be true, and whether it is: suites of expectations and the gates that run them.

Belongs here: reading and composing suites, running them with Great Expectations, and showing the
results to a lead. What leaves this package are counts and row numbers, never a cell's value.
Does not belong here: Dagster, DuckDB, how a file is opened (`ingest`), what a failed gate leads
to (`defs`), and facts across tables (dbt tests).
"""
