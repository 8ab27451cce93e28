"""Dagster's wiring: assets, checks, jobs, schedules, sensors, partitions, resources.

Belongs here: what Dagster is told. Does not belong here: what a delivery is (`deliveries`) or how
a table is built (`dbt`). Nothing outside this room imports Dagster.
"""
