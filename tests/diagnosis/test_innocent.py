"""What people do is no fault, and too little data is no verdict."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.diagnosis import examine
from bot.model.call import CallDetails
from bot.model.diagnosis import CallVerdict, EventKind
from bot.model.observation import CauseTag, DiagnosisEvent
from tests.diagnosis.faults import END_S, FAULTS, START_S
from tests.diagnosis.textbook import START, Textbook, session, uid

SPAN = (START_S, END_S)


def muted() -> Textbook:
    return Textbook().own(0, 20003, 0.0, *SPAN).heard(-1, 0, 20004, 0.0, *SPAN)


def stopped() -> Textbook:
    book = Textbook().own(0, 20006, 0.0, *SPAN).own(0, 20007, 0.0, *SPAN).own(0, 20008, 0.0, *SPAN)
    return book.heard(-1, 0, 20009, 0.0, *SPAN).heard(-1, 0, 20010, 0.0, *SPAN)


def sharing() -> Textbook:
    book = Textbook().own(0, 20007, 5.0, *SPAN).own(0, 20008, 5.0, *SPAN)
    book.heard(-1, 0, 20010, 5.0, *SPAN)
    return book.heard(-1, 0, 20020, 1080.0, *SPAN).heard(-1, 0, 20019, 1920.0, *SPAN)


def low_stream() -> Textbook:
    book = Textbook().heard(1, 0, 20009, 120.0, *SPAN)
    return book.heard(1, 0, 20020, 180.0, *SPAN).heard(1, 0, 20019, 320.0, *SPAN)


def unsubscribed() -> Textbook:
    return Textbook().heard(1, 0, 20009, 0.0, *SPAN).heard(1, 0, 20010, 0.0, *SPAN)


def rejoined() -> Textbook:
    book = Textbook()
    book.stays = [session(user, 0, 300) for user in range(1, 4)]
    book.stays += [session(0, 0, START_S), session(0, END_S, 300)]
    for receiver in range(1, 4):
        for key in [k for k in book.values if k[0] == receiver and k[2] == 0]:
            book.values[key][START_S // 2 : END_S // 2] = np.nan
    return book


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (muted, EventKind.MUTE),
        (stopped, EventKind.STOP),
        (sharing, EventKind.SCREEN_SHARE),
        (low_stream, EventKind.LOW_STREAM),
        (unsubscribed, EventKind.UNSUBSCRIBE),
        (rejoined, EventKind.REJOIN),
    ],
)
def test_what_people_do_is_an_event_and_no_fault(make, kind: EventKind) -> None:
    found = examine(make().details())
    assert found.incidents == ()
    assert [one.kind for one in found.events] == [kind]
    assert abs(found.events[0].start - START - START_S) <= 6


@pytest.mark.parametrize(
    "book",
    [
        Textbook().own(0, 20002, 95.0, 20, 280),
        Textbook().own(0, 20017, 3.0, 20, 280).own(0, 20015, 3.0, 20, 280),
        Textbook().own(0, 20017, 40.0, 100, 102).heard(-1, 0, 20018, 40.0, 100, 102),
        Textbook().heard(1, 0, 20011, 900.0, 100, 102),
    ],
    ids=["busy device", "slight loss", "a spike", "one freeze"],
)
def test_what_nobody_notices_is_no_incident(book: Textbook) -> None:
    assert examine(book.details()).verdict is CallVerdict.CLEAN


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        (Textbook(seconds=20).details(), "22 s of data"),
        (replace(Textbook().details(), series=()), "no sample"),
        (replace(Textbook().details(), sessions=()), "no sample"),
    ],
)
def test_too_little_is_said_and_why(details: CallDetails, reason: str) -> None:
    found = examine(details)
    assert found.verdict is CallVerdict.INSUFFICIENT_DATA
    assert reason in found.headline
    assert found.incidents == ()


def test_samples_with_holes_everywhere_are_too_few() -> None:
    book = Textbook()
    for values in book.values.values():
        values[np.arange(len(values)) % 5 > 1] = np.nan
    details = book.details()
    # Series without the neighbouring samples, so that the step is not the hole.
    assert "% of the samples" in examine(details).headline


@pytest.mark.parametrize("kind", FAULTS)
def test_other_uids_and_times_change_nothing_else(kind: str) -> None:
    details = FAULTS[kind][0]().details()
    plain = examine(details)
    sessions = tuple(
        replace(s, uid=f"9{s.uid}", joined_at=s.joined_at + 1000, left_at=(s.left_at or 0) + 1000)
        for s in details.sessions
    )
    series = tuple(
        replace(s, peer_uid=s.peer_uid if s.peer_uid == "0" else f"9{s.peer_uid}", ts=s.ts + 1000)
        for s in details.series
    )
    moved = examine(replace(details, sessions=sessions, series=series))
    told = [
        (t.start - 1000, t.end - 1000, t.cause.kind, t.cause.uid, t.cause.confidence) for t in moved.incidents
    ]
    assert told == [
        (t.start, t.end, t.cause.kind, f"9{t.cause.uid}" if t.cause.uid else None, t.cause.confidence)
        for t in plain.incidents
    ]


def test_the_same_call_gets_the_same_answer_in_any_order() -> None:
    details = FAULTS["downlink_loss"][0]().details()
    shuffled = replace(details, series=details.series[::-1], sessions=details.sessions[::-1])
    assert examine(shuffled) == examine(details)


def test_events_support_what_the_metrics_leave_open_and_never_override_them() -> None:
    def event(factor: int, user: str) -> DiagnosisEvent:
        tags = (CauseTag(factor_id=factor),)
        return DiagnosisEvent(ts=START + 130, cname="room", user=user, experience_id=4, tags=tags)

    between_two = FAULTS["downlink_jitter_latency"][0](2).details()
    told = examine(between_two, [event(46, uid(1))]).incidents[0].cause
    assert (told.kind.value, told.uid, told.agora_agrees) == ("downlink_jitter_latency", uid(1), True)
    plain = FAULTS["uplink_loss"][0]().details()
    cause = examine(plain, [event(10, uid(2)), event(99, uid(3))]).incidents[0].cause
    assert (cause.kind.value, cause.uid, cause.agora_agrees) == ("uplink_loss", uid(0), False)
    elsewhere = replace(event(46, uid(1)), cname="other")
    assert examine(between_two, [elsewhere]).incidents[0].cause.agora_agrees is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from([20002, 20005, 20006, 20009, 20010, 20011, 20017, 20018, 77777]),
            st.sampled_from(["0", "1001", "1002", "5"]),
            st.lists(st.floats(-1e15, 1e15), min_size=1, max_size=60),
            st.integers(0, 10**11 - 1),
        ),
        max_size=8,
    )
)
@settings(max_examples=60, deadline=None)
def test_no_numbers_break_it(drawn) -> None:
    from bot.model.call import Call, Series

    call = Call(call_id="c", cname="", started_at=0, ended_at=None)
    sessions = (session(0, 0, None, sid="A"), session(1, 0, 40, sid="B"), session(1, 30, None, sid="C"))
    series = tuple(
        Series(
            sid="ABC"[n % 3],
            mid=mid,
            peer_uid=peer,
            ts=start + 2 * np.arange(len(values), dtype=np.int64),
            values=np.array(values),
        )
        for n, (mid, peer, values, start) in enumerate(drawn)
    )
    found = examine(CallDetails(call=call, sessions=sessions, series=series, cut=True))
    assert len(found.headline) <= 140
    assert all(0 <= cause.confidence <= 1 for one in found.incidents for cause in one.causes)
