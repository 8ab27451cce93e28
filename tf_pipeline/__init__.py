"""tf-pipeline: ten authorities' Troubled Families extracts in, one trusted GM baseline out.

Belongs here: Python that opens files, gates them, loads and publishes them, and says when.
Does not belong here: what a value means (dbt_project/) and what must be true (expectations/).
"""
