"""The central DuckDB warehouse: one writer, a month replaced in one transaction, releases.

Belongs here: connecting, locking, keeping files, landing rows, pseudonyms, publishing.
Does not belong here: opening deliveries (`ingest`), meaning (dbt), Dagster.
"""
