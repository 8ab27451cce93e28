"""Opens a delivery: finds its files, reads every cell as text, records where each cell came from.

Belongs here: files, sheets, encodings, header rows, repeated groups, rows to set aside, and bounds
on what opening a file may cost.
Does not belong here: what a heading or a word means (dbt), whether values are good (`quality`),
Dagster, and the warehouse.
"""
