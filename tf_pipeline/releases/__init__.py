"""Releases: the published baseline, the shared file, the list of releases, and what changed.

Belongs here: what others may open. Does not belong here: the warehouse (`warehouse`).
"""
