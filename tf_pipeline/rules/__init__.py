"""The rules in force in a month: crosswalks, declarations, frameworks and due days.

Belongs here: reading dated reference data, and deciding which row applies.
Does not belong here: checking it (`seeds`), the shape of files (`authorities`).
"""
