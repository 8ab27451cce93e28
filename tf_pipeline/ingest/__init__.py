"""Opens a delivery: finds its files, reads every cell as text, records where each cell came from.

Belongs here: files, sheets, encodings, header rows, repeated groups, rows to set aside, and the bounds
within which a process of its own opens them.
Does not belong here: what a heading or a word means (dbt), whether values are good (`quality`),
Dagster, and the warehouse.
"""
