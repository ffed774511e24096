"""Chance that repeats: the same key always leads to the same numbers."""

from random import Random

import numpy as np


def draw(*key: object) -> Random:
    """Return a source of chance for a key."""
    return Random("|".join(map(str, key)))


def draw_arrays(*key: object) -> np.random.Generator:
    """Return a source of whole arrays for a key."""
    return np.random.default_rng(draw(*key).getrandbits(64))
