"""What the reference leaves open: the same call told in another way gets the same answer."""

from dataclasses import replace

import numpy as np
import pytest

from bot.diagnosis import examine
from bot.diagnosis.series import AUDIO_FREEZE, LOSSES, QUALITY, STREAM, VIDEO_FREEZE
from bot.model.call import CallDetails
from tests.diagnosis import faults
from tests.diagnosis.faults import FAULTS
from tests.diagnosis.textbook import Textbook, mapped, uid

NETWORK = [kind for kind in FAULTS if kind not in ("reconnect", "join_delay", "join_token", "duplicate_uid")]


def answer(details: CallDetails) -> list[tuple[str, str | None]]:
    return [(one.cause.kind.value, one.cause.uid) for one in examine(details).incidents]


def turned(details: CallDetails, mids: tuple[int, ...]) -> CallDetails:
    """Put values about a stream into the sender's row."""
    sids = {session.uid: session.sid for session in details.sessions}
    uids = {session.sid: session.uid for session in details.sessions}
    series = tuple(
        replace(one, sid=sids[one.peer_uid], peer_uid=uids[one.sid]) if one.mid in mids else one
        for one in details.series
    )
    return replace(details, series=series)


@pytest.mark.parametrize("kind", NETWORK)
def test_loss_as_a_fraction_is_read_as_one(kind: str) -> None:
    details = FAULTS[kind][0]().details()
    told = mapped(details, LOSSES, lambda values: values / 100)
    assert answer(told) == answer(details)


@pytest.mark.parametrize("kind", NETWORK)
def test_freeze_times_that_add_up_are_taken_apart(kind: str) -> None:
    details = FAULTS[kind][0]().details()
    told = mapped(details, (AUDIO_FREEZE, VIDEO_FREEZE), np.cumsum)
    assert answer(told) == answer(details)
    frozen = any(s.values.max() > 0 for s in details.series if s.mid in (AUDIO_FREEZE, VIDEO_FREEZE))
    assert examine(told).quality.freeze_mode == ("cumulative" if frozen else "interval")


@pytest.mark.parametrize("kind", ["uplink_loss", "downlink_bandwidth", "camera_capture"])
def test_values_in_the_senders_row_are_turned(kind: str) -> None:
    make, _ = FAULTS[kind]
    book = make()
    for user in range(book.users):  # users who send alike could not be told apart
        for key in [k for k in book.values if k[2] == user or (k[0] == user and k[1] in (20003, 20006))]:
            if key[1] in (20003, 20004, 20006, 20009):
                book.values[key] = book.values[key] * (1 + 0.3 * user)
    details = book.details()
    assert answer(turned(details, (*STREAM, *QUALITY))) == answer(details)


def test_freezes_and_loss_alone_in_the_senders_row_are_turned_as_well() -> None:
    details = faults.uplink_loss().details()
    assert answer(turned(details, QUALITY)) == [("uplink_loss", uid(0))]


@pytest.mark.parametrize("mids", [(20001, 20002), (20013, 20019, 20020), (20016, 20018)])
def test_missing_metrics_make_nobody_else_guilty(mids: tuple[int, ...]) -> None:
    for kind in NETWORK:
        make, who = FAULTS[kind]
        for trouble in examine(make().without(*mids).details()).incidents:
            assert trouble.cause.uid in (None, None if who is None else uid(who)), kind


def test_a_tenth_of_the_samples_may_be_missing() -> None:
    rng = np.random.default_rng(3)
    for kind in NETWORK:
        book = FAULTS[kind][0]()
        for values in book.values.values():
            values[rng.random(len(values)) < 0.1] = np.nan
        _, who = FAULTS[kind]
        assert answer(book.details())[0] == (kind, None if who is None else uid(who))


def test_the_unit_and_the_mode_are_said() -> None:
    found = examine(Textbook().own(0, 20017, 2.0, 100, 110).details())
    assert "loss read as percent" in found.assumptions
    assert (found.quality.loss_unit, found.quality.freeze_mode) == ("percent", "interval")
