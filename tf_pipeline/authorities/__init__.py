"""The differences between authorities' files, as data: the shape of each authority's files.

Belongs here: reading `<authority>.yml`, and the fields of GM's own workbook.
Does not belong here: opening a delivery (`ingest`) and what a value means (dbt).
"""
