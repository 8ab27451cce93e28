"""Explains one published figure, down to the delivered rows behind it.

Belongs here: a cell, its members, its delivered rows, the dated rows behind it, its gates.
Does not belong here: making figures (dbt), building a release (`releases`), code for one table:
`seeds/reference/ref_lineage.csv` lists what each column depends on, and `gm.figure_members` the
members of each figure.
"""
