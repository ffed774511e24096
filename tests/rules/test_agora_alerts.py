"""Rules on what Agora's own alerting pushes: no poll says when they are complete."""

import pytest

from bot.model.catalog import Feed
from tests.rules.test_events import events_rule
from tests.rules.worlds import alert, judged, minutes, timeline, world

AGORA = events_rule(
    "experience: {any_of: [agora_alert]}",
    "of: events, op: '>=', threshold: 1",
    ", by: [project, cname], keep_firing_for: 2m",
)


def test_a_rule_on_agoras_alerts_alone_waits_for_no_poll() -> None:
    verdicts = judged(AGORA, world(events=[alert(1)], known=()), minutes(60))
    assert (timeline(verdicts), AGORA.feeds) == ("!!!!!....", {Feed.ALERT})


@pytest.mark.parametrize(
    "sets", ["", "experience: {any_of: [agora_alert, video_freeze]}", "experience: {none_of: [agora_alert]}"]
)
def test_every_other_rule_on_events_waits_for_the_diagnosis(sets: str) -> None:
    assert events_rule(sets).feeds == {Feed.DIAGNOSIS}


def test_an_alert_fires_a_rule_though_nothing_is_known_of_the_diagnosis() -> None:
    rule = events_rule("experience: {any_of: [video_freeze]}", "of: users, op: '>=', threshold: 1")
    seen = world(events=[alert(1, user="u1", experience=4)], known=())
    assert timeline(judged(rule, seen, minutes(8))) == "?!!!!!??"


def test_an_alert_on_a_whole_channel_names_no_user() -> None:
    (verdict, *_) = judged(AGORA, world(events=[alert(1, "b"), alert(2, "a", "b")]), [2 * 60])
    assert (verdict.affected.users, verdict.affected.events, verdict.affected.said) == ((), 2, ("b", "a"))
