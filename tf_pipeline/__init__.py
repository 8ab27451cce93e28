"""tf-pipeline: ten authorities' Troubled Families extracts in, one trusted GM baseline out.

Belongs here: Python that opens files, runs gates, loads, publishes and schedules.
Does not belong here: what a value means (dbt_project/) and what must be true (expectations/).
"""
