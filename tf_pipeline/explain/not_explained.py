"""Why something cannot be explained: one sentence that says what exists instead."""

from tf_pipeline.errors import UserFacingError


class NotExplained(UserFacingError):
    """The figure does not exist or cannot be explained; the message says what exists instead."""
