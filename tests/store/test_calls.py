"""Finished calls: each is there once, as it was told last."""

from dataclasses import replace

from bot.model.observation import FinishedCall
from bot.store import Database, calls, observations
from tests.conftest import T0

CALL = FinishedCall(call_id="c1", cname="é 😀", created_ts=T0 - 600, destroyed_ts=T0)
RICH = replace(CALL, video_freeze_rate=7.5, audio_freeze_rate=0.0, pcu=3, acu=5.0)


def test_a_call_that_is_read_again_is_the_same_call(database: Database) -> None:
    with database.transaction() as tx:
        for told in (CALL, replace(RICH, destroyed_ts=T0 + 5), RICH):
            calls.save(tx, "p", [told], T0)
        assert observations.read(tx, ["p"], T0, T0 + 60, []).calls == ((0, RICH),)


def test_calls_belong_to_their_project_and_to_the_span_in_which_they_ended(database: Database) -> None:
    with database.transaction() as tx:
        for project in "qp":
            made = [replace(CALL, call_id=str(n), destroyed_ts=T0 + n) for n in (-1, 0, 59, 60)]
            calls.save(tx, project, made, T0)
        seen = observations.read(tx, ["q", "p"], T0, T0 + 60, []).calls
    assert [(place, call.destroyed_ts - T0) for place, call in seen] == [(1, 0), (1, 59), (0, 0), (0, 59)]
