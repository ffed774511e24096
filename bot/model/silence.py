"""Silences: for a time nobody is told of the alerts that match."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """``matchers`` are written as in routing.yml and must all hold; instants are Unix seconds. ``author`` is
    a Slack user id or the name of whoever typed the command."""

    id: int = 0
    matchers: tuple[str, ...]
    starts_at: int
    ends_at: int
    author: str
    comment: str

    @property
    def name(self) -> str:
        """Return how a silence is called where it hides something."""
        return f"silence {self.id}"

    def is_active(self, now: float) -> bool:
        return self.starts_at <= now < self.ends_at
