"""The API of today: plans, pages, 20-second windows, rates from 0 to 1."""

from .answers import current

__all__ = ["current"]
