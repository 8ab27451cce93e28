"""Checks what analysts edit: every rule on a seed file, with file, line and an example.

Belongs here: what a seed file may hold. Does not belong here: using it (`rules`, dbt).
"""
