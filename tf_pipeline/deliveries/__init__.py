"""The steps of one delivery: it is selected, opened, compared, validated, accepted or refused.

Belongs here: what happens to one authority's delivery of one month.
Does not belong here: Dagster (`defs`), reading files (`ingest`), publishing (`releases`).
"""
