"""Maintenance of the data: backups, retention periods, purges, a new key, recovery.

Belongs here: what an operator does between loads. Does not belong here: loads.
"""
