"""Pages for people who do not write queries: made from a release, readable without a network.

Belongs here: what a page shows and how it looks. Does not belong here: the gates' pages
(`quality`), calculating a figure (dbt).
"""
