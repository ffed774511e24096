"""What people say of a verdict of the doctor: the only labels of real calls that there are."""

from dataclasses import dataclass

from bot.model.diagnosis import Diagnosis


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was said of one call, as far as it can be right or wrong: its verdict, and its first cause.

    ``kind`` and ``uid`` are empty where no trouble was found, and ``uid`` where nobody is blamed.
    """

    project: str
    call_id: str
    verdict: str
    kind: str = ""
    uid: str = ""
    confidence: float = 0.0

    @classmethod
    def of(cls, project: str, call_id: str, found: Diagnosis) -> "Verdict":
        """Return what ``found`` says."""
        if not found.incidents:
            return cls(project=project, call_id=call_id, verdict=found.verdict.value)
        cause = found.incidents[0].cause
        return cls(
            project=project,
            call_id=call_id,
            verdict=found.verdict.value,
            kind=cause.kind.value,
            uid=cause.uid or "",
            confidence=cause.confidence,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A verdict as an incident tells of it."""

    verdict: Verdict
    cname: str
    headline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """One person's answer to "Was this right?"; ``user`` is a Slack user id."""

    verdict: Verdict
    right: bool
    user: str
    answered_at: int
