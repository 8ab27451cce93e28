"""What differs between authorities, as data: the shape of their files and the dated crosswalks.

Belongs here: reading `<authority>.yml` and the seeds that Gate 1 needs.
Does not belong here: opening a delivery (`ingest`) and what a value means (dbt).
"""
