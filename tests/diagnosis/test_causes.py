"""Each cause in a textbook call: what it is, whose, when, and that bystanders are left alone."""

import pytest

from bot.diagnosis import examine
from bot.model.diagnosis import CallVerdict, CauseKind, Scope
from tests.diagnosis.faults import END_S, FAULTS, START_S, reconnect_anew
from tests.diagnosis.textbook import START, Textbook, uid

FOLLOWS = {"uplink": Scope.SENDER, "downlin": Scope.RECEIVER}


@pytest.mark.parametrize("users", [3, 4, 8])
@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_named_with_its_user_and_its_time(kind: str, users: int) -> None:
    make, who = FAULTS[kind]
    found = examine(make(users).details())
    (trouble,) = found.incidents
    assert (trouble.cause.kind.value, trouble.cause.uid) == (kind, None if who is None else uid(who))
    assert abs(trouble.start - START - START_S) <= 6
    lasts = {"join_token": START_S + 11, "join_delay": START_S + 20, "duplicate_uid": 148}.get(kind, END_S)
    assert abs(trouble.end - START - lasts) <= 12


def test_a_reconnect_under_a_new_session_is_one_too() -> None:
    (trouble,) = examine(reconnect_anew().details()).incidents
    assert (trouble.cause.kind, trouble.cause.uid) == (CauseKind.RECONNECT, uid(0))


@pytest.mark.parametrize("kind", [k for k in FAULTS if k not in ("service_or_shared",)])
def test_between_two_people_a_fault_without_a_direct_sign_blames_nobody_for_sure(kind: str) -> None:
    make, who = FAULTS[kind]
    found = examine(make(2).details())
    trouble = found.incidents[0]
    if "jitter" in kind:
        assert trouble.scope is Scope.UNKNOWN
        assert max(cause.confidence for cause in trouble.causes) <= 0.5
    else:
        assert (trouble.cause.kind.value, trouble.cause.uid) == (kind, uid(who or 0))


@pytest.mark.parametrize("users", [2, 3, 6])
def test_a_call_in_which_all_is_well_is_clean(users: int) -> None:
    found = examine(Textbook(users).details())
    assert (found.verdict, found.incidents, found.events) == (CallVerdict.CLEAN, (), ())


@pytest.mark.parametrize("kind", FAULTS)
def test_every_cause_has_evidence_and_something_against_it_or_missing(kind: str) -> None:
    for trouble in examine(FAULTS[kind][0]().details()).incidents:
        for cause in trouble.causes:
            assert cause.evidence
            assert cause.against or cause.missing
        assert trouble.next_step
        assert len(trouble.causes) <= 3
        assert [c.confidence for c in trouble.causes] == sorted(
            (c.confidence for c in trouble.causes), reverse=True
        )
