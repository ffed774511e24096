"""The last requests of a day: people get them, polls and examinations do not."""

import pytest

from bot.agora import EndpointGone, QuotaExhausted, profile
from bot.model.call import Call
from bot.model.catalog import Feed
from bot.model.time import Window

from .conftest import NOW
from .stub import Reply

HOUR = Window(start=int(NOW) // 60 * 60 - 3600, end=int(NOW) // 60 * 60 - 300)
CALL = Call(call_id="c1", cname="c", started_at=HOUR.start, ended_at=HOUR.end)

PEOPLE = {
    "a list": lambda client, project: client.calls(project, HOUR),
    "details": lambda client, project: client.details(project, CALL),
}
NOBODY = {
    "a poll of calls": lambda client, project: client.all_calls(project, HOUR, requests=1),
    "a poll": lambda client, project: client.live(project, Feed.SCALE, HOUR),
    "an examination": lambda client, project: client.details(project, CALL, for_people=False),
}


@pytest.fixture(params=["client", "premium"])
def any_client(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("ask", NOBODY.values(), ids=NOBODY)
def test_what_is_kept_for_people_is_not_spent_by_the_bot(agora, any_client, project, ledger, ask):
    ledger.budget = 8  # fewer than any plan keeps for people
    with pytest.raises(QuotaExhausted, match="kept for people"):
        ask(any_client, project)
    assert agora.asked == []


@pytest.mark.parametrize("ask", PEOPLE.values(), ids=PEOPLE)
def test_people_may_spend_it(agora, any_client, project, ledger, ask):
    ledger.budget = 8
    agora.script = [Reply({"code": 404, "message": "gone"})]
    with pytest.raises(EndpointGone):
        ask(any_client, project)
    assert len(agora.asked) == 1


@pytest.mark.parametrize(
    ("plan", "endpoint", "own"),
    [
        (None, "live/net", 960),
        (None, "call/lists", 800),
        ("standard", "call/lists", 800),
        ("premium", "call/sessions", 1600),
        ("premium", "realtime/usage", 460),
    ],
)
def test_more_of_the_calls_is_kept_because_people_ask_for_them(plan, endpoint, own):
    assert profile("current" if plan else "beta", plan).endpoints[endpoint].for_polls == own
