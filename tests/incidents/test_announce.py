"""What people are told of a tick's events."""

from dataclasses import replace

import pytest

from bot.incidents import acknowledge, announce, silence
from bot.model.alert import Alert, AlertEvent, EventKind, MessageKind, State
from bot.model.verdict import Severity, labels

NOW = 10_000
OPENING, EDIT, REPLY = MessageKind.OPENING, MessageKind.EDIT, MessageKind.REPLY
INCIDENT = Alert(
    fingerprint="f",
    project="p",
    alertname="A",
    labels=labels(project="p"),
    state=State.FIRING,
    severity=Severity.WARNING,
    active_at=NOW - 300,
    judged_at=NOW,
)
RESOLVED = replace(INCIDENT, state=State.RESOLVED, resolved_at=NOW)


def events(*kinds: EventKind, at: int = NOW) -> list[AlertEvent]:
    return [AlertEvent(kind=kind, at=at, severity=Severity.WARNING) for kind in kinds]


ANNOUNCED = replace(INCIDENT, announced=True)
SILENCED = replace(ANNOUNCED, silenced_until=NOW + 60)


@pytest.mark.parametrize(
    ("incident", "happened", "expected"),
    [
        pytest.param(INCIDENT, events(EventKind.OPENED), [OPENING], id="an opening posts the root"),
        pytest.param(ANNOUNCED, events(EventKind.CHANGED), [EDIT], id="a new value edits it"),
        pytest.param(ANNOUNCED, events(EventKind.WORSENED), [EDIT, REPLY], id="worse is told in the thread"),
        pytest.param(
            ANNOUNCED,
            events(EventKind.CHANGED, EventKind.WORSENED, EventKind.CHANGED),
            [EDIT, REPLY],
            id="one edit a tick",
        ),
        pytest.param(ANNOUNCED, events(EventKind.RECOVERING), [EDIT], id="recovering only edits"),
        pytest.param(
            replace(RESOLVED, announced=True), events(EventKind.RESOLVED), [EDIT, REPLY], id="the end is told"
        ),
        pytest.param(
            RESOLVED,
            events(EventKind.OPENED, EventKind.RESOLVED),
            [OPENING, EDIT, REPLY],
            id="opened and resolved within a tick: both are told, in order",
        ),
        pytest.param(RESOLVED, events(EventKind.RESOLVED), [], id="no end without a beginning"),
        pytest.param(SILENCED, events(EventKind.WORSENED), [EDIT], id="silenced: edited quietly"),
        pytest.param(
            replace(SILENCED, state=State.RESOLVED), events(EventKind.RESOLVED), [EDIT], id="and ends quietly"
        ),
        pytest.param(
            INCIDENT, events(EventKind.OPENED, at=0), [OPENING], id="old, but still open: announced once"
        ),
        pytest.param(
            RESOLVED, events(EventKind.OPENED, EventKind.RESOLVED, at=0), [], id="old and over: not told"
        ),
        pytest.param(
            replace(RESOLVED, announced=True),
            events(EventKind.RESOLVED, at=0),
            [EDIT],
            id="old end of an announced incident: edited",
        ),
        pytest.param(ANNOUNCED, [], [], id="nothing happened, nothing is told"),
    ],
)
def test_messages_of_a_tick(incident: Alert, happened: list[AlertEvent], expected: list[MessageKind]) -> None:
    after, messages = announce(incident, happened, now=NOW, told_since=NOW - 60)
    assert [m.kind for m in messages] == expected
    assert after.announced == (incident.announced or OPENING in expected)


def test_only_the_first_person_acknowledges() -> None:
    first = acknowledge(ANNOUNCED, "U1", NOW)
    assert first is not None
    assert (first[0].acked_by, first[1].actor) == ("U1", "U1")
    assert acknowledge(first[0], "U2", NOW) is None
    assert acknowledge(RESOLVED, "U2", NOW) is None


def test_a_silence_ends_by_itself() -> None:
    quiet = silence(ANNOUNCED, "U1", NOW, NOW + 3600)
    assert quiet is not None
    assert silence(quiet[0], "U2", NOW + 10, NOW + 3600) is None
    assert silence(quiet[0], "U2", NOW + 3601, NOW + 7200) is not None
