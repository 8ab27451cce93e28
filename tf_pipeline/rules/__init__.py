"""The meaning of a month: crosswalks, declarations, frameworks and due days in force.

Belongs here: reading dated reference data. Does not belong here: checking it (`seeds`), the shape
of files (`authorities`).
"""
