"""Keeps data out of error messages: Dagster stores our message, not a library's."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from tf_pipeline.errors import UserFacingError
from tf_pipeline.files import DiskFull, is_full


@contextmanager
def redact_errors(step: str) -> Iterator[None]:
    """Turns any error of a step into a Failure without the error's text, which may quote a value.

    TF_DEBUG=1 lets the error through, for an engineer who debugs with their own data.
    """
    try:
        yield
    except dg.Failure:
        raise
    except UserFacingError as error:
        raise dg.Failure(f"{step}: {error}", allow_retries=False) from None
    except Exception as error:
        if os.environ.get("TF_DEBUG"):
            raise
        if is_full(error):
            raise dg.Failure(str(DiskFull(f"{step} was made")), allow_retries=False) from None
        raise dg.Failure(f"{step}: {type(error).__name__}", allow_retries=False) from None
