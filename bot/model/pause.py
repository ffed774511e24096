"""A rule that somebody switched off for a while."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """``alert`` is the rule's name; it is not judged from ``starts_at`` until ``ends_at`` (Unix seconds).
    ``author`` is a Slack user id."""

    alert: str
    starts_at: int
    ends_at: int
    author: str
    reason: str
