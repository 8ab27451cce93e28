"""Explains one published figure, down to the delivered rows behind it.

Belongs here: what a cell is, its members, its rows, the dated rows that shaped it, its gates.
Does not belong here: making figures (dbt), building a release (`warehouse`), a branch per table:
what a column rests on is data (`seeds/reference/ref_lineage.csv`), who is in a figure is SQL
(`members/<table>.sql`).
"""
