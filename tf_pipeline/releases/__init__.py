"""Releases: the published baseline, the shared file, which releases there are, what changed.

Belongs here: what others may open. Does not belong here: the warehouse (`warehouse`).
"""
