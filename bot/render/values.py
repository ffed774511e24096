"""What a button carries to Slack and back, as compact JSON with the version of its form.

Slack returns values unchanged, yet they are read as outside text: buttons of messages that were posted before
an update are either understood or refused with ValueError, never misread.
"""

from typing import Annotated, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.model.call import Call
from bot.model.feedback import Verdict

VALUE_MAX = 2000
"""Source: block element reference, docs.slack.dev: the longest ``value`` of a button."""

_Text = Annotated[str, Field(max_length=VALUE_MAX)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    kind: ClassVar[str]
    v: Literal[1] = 1


class _Incident(_Form):
    kind: ClassVar[str] = "incident"
    id: int
    version: int


class _Incidents(_Form):
    kind: ClassVar[str] = "incidents"
    since: int | None
    below: int


class _Call(_Form):
    kind: ClassVar[str] = "call"
    project: _Text
    cname: _Text
    id: _Text
    start: int
    end: int | None


class _Older(_Form):
    kind: ClassVar[str] = "list"
    cname: _Text
    since: int
    before: int


class _Silence(_Form):
    kind: ClassVar[str] = "silence"
    id: int


class _Verdict(_Form):
    kind: ClassVar[str] = "verdict"
    project: Annotated[str, Field(max_length=80)]
    id: Annotated[str, Field(max_length=64)]
    said: Annotated[str, Field(max_length=24)]
    cause: Annotated[str, Field(max_length=32)]
    uid: Annotated[str, Field(max_length=64)]
    confidence: float
    right: bool


_F = TypeVar("_F", bound=_Form)


class Value:
    """The values of our buttons, both ways."""

    @staticmethod
    def encode_incident(incident_id: int, version: int) -> str:
        return _encode(_Incident(id=incident_id, version=version))

    @staticmethod
    def decode_incident(text: str) -> tuple[int, int]:
        """Return the incident's id and the version that the button's message showed."""
        form = _decode(_Incident, text)
        return form.id, form.version

    @staticmethod
    def encode_incidents(since: int | None, below: int) -> str:
        """Return the rest of a list of incidents: those below an id."""
        return _encode(_Incidents(since=since, below=below))

    @staticmethod
    def decode_incidents(text: str) -> tuple[int | None, int]:
        """Return since when the list reaches back, None for what is open, and the id below which to go on."""
        form = _decode(_Incidents, text)
        return form.since, form.below

    @staticmethod
    def encode_call(project: str, call: Call) -> str:
        """Return the call with its project's name. Raises ValueError where Slack would not carry it."""
        return _encode(
            _Call(
                project=project, cname=call.cname, id=call.call_id, start=call.started_at, end=call.ended_at
            )
        )

    @staticmethod
    def decode_call(text: str) -> tuple[str, Call]:
        """Return the project's name and the call. Raises ValueError on anything that we did not write."""
        form = _decode(_Call, text)
        call = Call(call_id=form.id, cname=form.cname, started_at=form.start, ended_at=form.end)
        return form.project, call

    @staticmethod
    def encode_older(cname: str, since: int, before: int) -> str:
        """Return the rest of a search: calls of ``cname`` that started in ``[since, before)``."""
        return _encode(_Older(cname=cname, since=since, before=before))

    @staticmethod
    def decode_older(text: str) -> tuple[str, int, int]:
        """Return the channel, the start of the search and the instant before which to go on."""
        form = _decode(_Older, text)
        return form.cname, form.since, form.before

    @staticmethod
    def encode_silence(silence_id: int) -> str:
        return _encode(_Silence(id=silence_id))

    @staticmethod
    def decode_silence(text: str) -> int:
        """Return the silence's id."""
        return _decode(_Silence, text).id

    @staticmethod
    def encode_verdict(said: Verdict, *, right: bool) -> str:
        """Return an answer to "Was this right?" of a verdict. Raises ValueError where it is too long."""
        return _encode(
            _Verdict(
                project=said.project,
                id=said.call_id,
                said=said.verdict,
                cause=said.kind,
                uid=said.uid,
                confidence=said.confidence,
                right=right,
            )
        )

    @staticmethod
    def decode_verdict(text: str) -> tuple[Verdict, bool]:
        """Return the verdict, and whether it was right. Raises ValueError on what we did not write."""
        form = _decode(_Verdict, text)
        said = Verdict(
            project=form.project,
            call_id=form.id,
            verdict=form.said,
            kind=form.cause,
            uid=form.uid,
            confidence=form.confidence,
        )
        return said, form.right


def _encode(form: _Form) -> str:
    text = form.model_dump_json()
    if len(text) > VALUE_MAX:
        raise ValueError(f"this {form.kind} does not fit a button: {len(text)} of {VALUE_MAX} characters")
    return text


def _decode(form: type[_F], text: str) -> _F:
    try:
        return form.model_validate_json(text)
    except ValidationError:
        raise ValueError(f"not the value of a {form.kind} button: post the list anew and try again") from None


def call_value(project: str, call: Call) -> str:
    """Return the value of a button that leads to a call; empty where Slack would not carry it."""
    try:
        return Value.encode_call(project, call)
    except ValueError:
        return ""
