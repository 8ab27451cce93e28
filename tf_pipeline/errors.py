"""The base class of errors whose message anybody may read.

Belongs here: only that base class.
Does not belong here: the errors themselves; each is in the module that raises it.
"""


class UserFacingError(Exception):
    """Its message is written in this project and contains only names of files and rules."""
