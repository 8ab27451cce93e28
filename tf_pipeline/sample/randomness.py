"""Repeatable random numbers: one independent stream for each named purpose."""

from zlib import crc32

import numpy as np


def stream(seed: int, *purpose: object) -> np.random.Generator:
    """Random numbers for one purpose; the same seed and purpose always give the same numbers."""
    return np.random.default_rng([seed, number("|".join(map(str, purpose)))])


def number(text: str) -> int:
    """A number derived from a text, the same on every machine."""
    return crc32(text.encode("utf-8"))
