"""The one place that calls dbt: its parsed project, its runs, what is still up to date.

Belongs here: everything that knows dbt's Python. Does not belong here: what the models mean.
"""
