"""Why something cannot be explained: in one sentence, with what there is instead."""

from tf_pipeline.errors import UserFacingError


class NotExplained(UserFacingError):
    """There is no such figure, or nothing to explain it by; the message says what there is."""
