"""Dagster's wiring: assets, checks, jobs, schedules, sensors, partitions, resources.

Belongs here: Dagster's definitions. Does not belong here: what a delivery is (`deliveries`) or how
a table is built (`dbt`). No other package imports Dagster.
"""
