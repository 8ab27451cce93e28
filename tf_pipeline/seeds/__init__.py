"""Checks the files that analysts edit; each finding gives file, line, rule and an example.

Belongs here: what a seed file may contain. Does not belong here: using it (`rules`, dbt).
"""
