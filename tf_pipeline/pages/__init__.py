"""Pages for people who do not query: written from a release, opening without a network.

Belongs here: what a page shows and how it looks. Does not belong here: gates' pages (`quality`),
deciding a figure (dbt).
"""
