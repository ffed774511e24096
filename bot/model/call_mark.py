"""How a call was, in one word."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMark:
    """What the doctor found: his ``verdict`` (a value of CallVerdict) and its headline."""

    verdict: str
    headline: str
