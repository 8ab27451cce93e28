"""The only place that calls dbt: its parsed project, its runs, which tables are up to date.

Belongs here: all code that uses dbt's Python. Does not belong here: what the models mean.
"""
