"""The base of the errors whose text anybody may read.

Belongs here: nothing but that base.
Does not belong here: the errors themselves; each lies where it is raised.
"""


class UserFacingError(Exception):
    """Its message is written in this project and holds names of files and rules only."""
