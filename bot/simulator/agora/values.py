"""The values that the rest of the simulator passes around."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as it came in; ``authorization`` is the header's text, empty where it is absent."""

    verb: str
    path: str
    params: dict[str, str] = field(default_factory=dict)
    authorization: str = ""
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``fate`` is empty, or ``hang`` or ``drop`` for a connection that brings no answer."""

    status: int = 200
    body: Any = None
    content_type: str = "application/json; charset=utf-8"
    fate: str = ""

    @property
    def code(self) -> int | None:
        """Return the code within the body, None for bodies of the gateway."""
        return self.body.get("code") if isinstance(self.body, dict) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One line of the journal: ``status`` is 0 where the connection brought no answer, ``violation`` says
    which documented limit was broken."""

    at: float
    path: str
    params: dict[str, str]
    status: int
    code: int | None
    violation: str


class Refused(Exception):
    """A request broke a documented limit; ``answer`` is what Agora says to that."""

    def __init__(self, answer: Answer, violation: str) -> None:
        super().__init__(violation)
        self.answer = answer
        self.violation = violation
