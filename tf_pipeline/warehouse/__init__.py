"""The central DuckDB warehouse: one writer, and one transaction to replace a month.

Belongs here: connecting, locking, landing rows, pseudonyms, file permissions, gate records.
Does not belong here: opening deliveries (`ingest`), meaning (dbt), Dagster.
"""
