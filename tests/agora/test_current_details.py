"""Everybody who was in a call: sessions in pages, series twenty sessions at a time, windows by the span."""

import pytest

from bot.agora import ServerFailed, TooFresh
from bot.model.call import Call
from bot.model.time import HOUR_S

from .conftest import NOW
from .stub import Reply, ok

END = int(NOW) - 1000


def call_of(hours):
    return Call(call_id="c1", cname="room", started_at=END - int(hours * HOUR_S), ended_at=END)


class PretendCall:
    """Users who join every ``step_s`` seconds from the call's start, and stay for ``stay_s``."""

    def __init__(self, call, users, *, step_s=10, stay_s=10**6, says_more=True):
        self.says_more = says_more
        self.rows = [
            {
                "sid": f"s{n}",
                "uid": n,
                "join_ts": call.started_at + n * step_s,
                "leave_ts": min(call.started_at + n * step_s + stay_s, END),
                "finished": True,
            }
            for n in range(users)
        ]

    def __call__(self, asked):
        start, end = asked.span
        if asked.path.endswith("metrics"):
            sids = asked.query["sids"].split(",")
            kvs = [[ts, ts - start] for ts in range(start, end, 600)] + [[end - 1, 1]]
            assert len(sids) <= 20
            return ok(metrics=[{"sid": sid, "data": [{"mid": 20003, "kvs": kvs}]} for sid in sids])
        inside = [row for row in reversed(self.rows) if row["join_ts"] < end and row["leave_ts"] >= start]
        number, size = int(asked.query["page_no"]), int(asked.query["page_size"])
        more = {"has_more": number * size < len(inside)} if self.says_more else {"total_size": len(inside)}
        return ok(call_info=inside[(number - 1) * size : number * size], **more)


def paths(agora):
    return [asked.path.rsplit("/", 1)[1] for asked in agora.asked]


@pytest.mark.parametrize("says_more", [True, False], ids=["has_more", "total_size"])
def test_everybody_is_found_with_their_series(agora, premium, project, says_more):
    call = call_of(1)
    agora.script = [PretendCall(call, 130, says_more=says_more)]
    details = premium.details(project, call)
    assert (len(details.sessions), len(details.series)) == (130, 130)
    assert (details.cut, details.users_at_least) == (False, None)
    assert paths(agora) == ["sessions"] * 2 + ["metrics"] * 7
    joins = [session.joined_at for session in details.sessions]
    assert sorted(joins, reverse=True) == joins


def test_a_long_call_is_read_in_windows_of_the_plan_and_joined(agora, premium, project):
    call = call_of(8)
    agora.script = [PretendCall(call, 3)]
    details = premium.details(project, call)
    assert (len(details.sessions), len(details.series), details.cut) == (3, 3, False)
    (first, *_) = details.series
    assert first.ts.tolist() == sorted(set(first.ts.tolist()))
    assert (call.started_at, END - 1) == (first.ts[0], first.ts[-1])
    assert paths(agora) == ["sessions"] * 3 + ["metrics"] * 3
    assert all(end - start < 3 * HOUR_S for start, end in (asked.span for asked in agora.asked))


def test_a_window_whose_first_page_is_known_already_is_read_on(agora, premium, project):
    call = call_of(5)
    agora.script = [PretendCall(call, 130)]
    details = premium.details(project, call, spare=30)
    assert (len(details.sessions), len(details.series), details.cut) == (130, 130, False)
    assert paths(agora) == ["sessions"] * 4 + ["metrics"] * 14


def test_a_list_that_repeats_itself_is_cut(agora, premium, project):
    row = {"sid": "s1", "uid": 1, "join_ts": END - 60}
    agora.script = [ok(call_info=[row], has_more=True)] * 2 + [ok(metrics=[])]
    details = premium.details(project, call_of(5))
    assert (paths(agora), details.cut, details.users_at_least) == (["sessions"] * 2 + ["metrics"], True, 1)


def test_a_window_that_agora_finds_too_long_is_split(agora, premium, project):
    call = call_of(2)
    pretend = PretendCall(call, 5)
    refusal = Reply({"code": 300, "message": "query time length limit error"})
    agora.script = [lambda asked: refusal if asked.span[1] - asked.span[0] > 4000 else pretend(asked)]
    details = premium.details(project, call)
    assert (len(details.sessions), len(details.series), details.cut) == (5, 5, False)
    assert paths(agora) == ["sessions"] * 3 + ["metrics"] * 2


def test_series_are_asked_only_of_those_who_were_there(agora, premium, project):
    call = call_of(5)
    agora.script = [PretendCall(call, 2, step_s=4 * HOUR_S, stay_s=60)]
    premium.details(project, call)
    asked = [asked.query["sids"] for asked in agora.asked if "sids" in asked.query]
    assert asked == ["s1", "s0"]


def test_spare_requests_bound_what_a_large_call_costs(agora, premium, project):
    call = call_of(1)
    agora.script = [PretendCall(call, 900, step_s=1)]
    details = premium.details(project, call, spare=6)
    assert paths(agora) == ["sessions"] * 4 + ["metrics"] * 4
    assert (details.cut, details.users_at_least, len(details.series)) == (True, 400, 80)


def test_of_a_call_of_days_the_newest_windows_are_read(agora, premium, project):
    call = call_of(50)
    agora.script = [PretendCall(call, 1)]
    details = premium.details(project, call)
    assert (details.cut, details.users_at_least, len(agora.asked)) == (True, 1, 16)
    assert agora.asked[0].span[1] == END


def test_a_failure_after_the_first_series_keeps_what_was_read(agora, premium, project):
    call = call_of(0.5)
    pretend = PretendCall(call, 30)
    agora.script = [pretend, pretend, Reply({"code": 500}, 500)]
    details = premium.details(project, call)
    assert (len(details.sessions), len(details.series), details.cut) == (30, 20, True)


def test_a_failure_of_the_first_page_or_series_raises(agora, premium, project):
    call = call_of(0.5)
    agora.script = [Reply({"code": 500}, 500)]
    with pytest.raises(ServerFailed):
        premium.details(project, call)
    agora.script = [PretendCall(call, 30), Reply({"code": 500}, 500)]
    with pytest.raises(ServerFailed):
        premium.details(project, call)


def test_a_failed_second_page_keeps_the_first(agora, premium, project):
    call = call_of(0.5)
    pretend = PretendCall(call, 130)
    agora.script = [pretend, *[Reply({"code": 500}, 500)] * 3, pretend]
    details = premium.details(project, call)
    assert (len(details.sessions), details.cut, details.users_at_least) == (100, True, 100)


def test_a_young_call_is_too_fresh(premium, project, ledger):
    young = Call(call_id="c2", cname="room", started_at=int(NOW) - 100, ended_at=None)
    with pytest.raises(TooFresh):
        premium.details(project, young)
    assert ledger.taken == []


def test_sessions_are_asked_of_ten_users_at_a_time(agora, premium, project):
    call = call_of(1)
    agora.script = [PretendCall(call, 3)]
    found = premium.sessions(project, call, [str(n) for n in range(25)])
    assert [len(asked.query["uids"].split(",")) for asked in agora.asked] == [10, 10, 5]
    assert [session.sid for session in found] == ["s2", "s1", "s0"]
