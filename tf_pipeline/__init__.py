"""tf-pipeline: builds one GM baseline from ten authorities' Troubled Families deliveries.

Belongs here: Python that opens files, runs gates, loads, publishes and schedules.
Does not belong here: the meaning of values (dbt_project/) and the rules of gates (expectations/).
"""
