"""Calls of more than three hours or ten users, out of answers that hold no more."""

import pytest

from bot.agora import QuotaExhausted, ServerFailed
from bot.model.call import Call
from bot.model.time import HOUR_S

from .conftest import NOW
from .stub import Reply, ok

END = int(NOW) - 400


def call_of(hours):
    return Call(call_id="c1", cname="room", started_at=END - int(hours * HOUR_S), ended_at=END)


class PretendDetails:
    """Lists the ten users who joined last of those who were there within the window."""

    def __init__(self, stays):
        self.rows = [
            {"sid": f"s{n}", "uid": n, "join_ts": joined, "leave_ts": left, "finished": True}
            for n, (joined, left) in enumerate(stays)
        ]

    def __call__(self, asked):
        start, end = asked.span
        assert end - start < 3 * HOUR_S
        inside = [row for row in reversed(self.rows) if row["join_ts"] < end and row["leave_ts"] >= start]
        listed = inside[:10]
        kvs = [[ts, ts % 100] for ts in range(start, end, 300)] + [[end - 1, 1]]
        data = [{"mid": 20003, "kvs": kvs, "peer_uid": 0}]
        metrics = [{"sid": row["sid"], "data": data} for row in listed]
        return ok(call_id="c1", call_info=listed, metrics=metrics)


def staying(call, users):
    return [(call.started_at + n, call.ended_at) for n in range(users)]


def test_a_long_call_is_read_in_consecutive_windows_and_joined(agora, client, project):
    call = call_of(11)
    agora.script = [PretendDetails(staying(call, 3))]
    details = client.details(project, call)
    spans = [asked.span for asked in agora.asked]
    assert [end for _, end in spans] == [END, *(start for start, _ in spans[:-1])]
    assert (len(spans), spans[-1][0]) == (4, call.started_at)
    assert ([session.uid for session in details.sessions], details.cut) == (["2", "1", "0"], False)
    for series in details.series:
        assert series.ts.tolist() == sorted(set(series.ts.tolist()))
        assert (series.ts[0], series.ts[-1]) == (call.started_at, END - 1)
    assert len(details.series) == 3


def short_stays(call):
    return [(call.started_at + 300 * n, call.started_at + 300 * n + 200) for n in range(24)]


def test_users_who_left_early_are_found_behind_those_who_joined_last(agora, client, project):
    call = call_of(2)
    agora.script = [PretendDetails(short_stays(call))]
    details = client.details(project, call)
    assert ({int(session.uid) for session in details.sessions}, details.cut) == (set(range(24)), False)
    assert (details.users_at_least, len(agora.asked)) == (None, 3)


@pytest.mark.parametrize(("spare", "found"), [(0, 10), (1, 19)])
def test_spare_requests_bound_the_search_and_the_rest_is_at_least(agora, client, project, spare, found):
    call = call_of(2)
    agora.script = [PretendDetails(short_stays(call))]
    details = client.details(project, call, spare=spare)
    assert (len(agora.asked), details.cut, details.users_at_least) == (1 + spare, True, found)


def test_users_who_stayed_behind_ten_others_are_found_but_not_all_their_values(agora, client, project):
    call = call_of(1)
    agora.script = [PretendDetails(staying(call, 12))]
    details = client.details(project, call)
    assert (details.cut, details.users_at_least, len(agora.asked)) == (True, 12, 2)


def test_windows_in_which_nobody_joined_are_split_in_halves(agora, client, project):
    call = call_of(4)
    early = [(call.started_at + n, call.started_at + 1500) for n in range(8)]
    late = [(call.started_at + n, call.started_at + 7000) for n in range(20, 28)]
    agora.script = [PretendDetails(early + late)]
    details = client.details(project, call, spare=20)
    assert ({int(session.uid) for session in details.sessions}, details.users_at_least) == (
        set(range(16)),
        16,
    )


def test_ten_who_joined_at_once_are_split_in_halves(agora, client, project):
    call = call_of(1)
    agora.script = [PretendDetails([(call.started_at, call.started_at + 60 * n) for n in range(1, 15)])]
    details = client.details(project, call, spare=4)
    assert (details.cut, details.users_at_least, len(agora.asked)) == (True, 10, 5)


def test_sessions_and_series_read_twice_are_there_once(agora, client, project):
    call = call_of(1)
    agora.script = [PretendDetails(staying(call, 10))]
    details = client.details(project, call)
    assert (len(details.sessions), len(details.series)) == (10, 10)
    assert all(len(set(s.ts.tolist())) == s.ts.size == s.values.size for s in details.series)


def test_a_failed_half_keeps_what_is_there(agora, client, project):
    call = call_of(1)
    agora.script = [PretendDetails(staying(call, 10)), Reply({"code": 500}, 500)]
    details = client.details(project, call)
    assert (len(details.sessions), details.cut, details.users_at_least) == (10, True, 10)


def test_a_failed_older_window_keeps_the_newer_ones(agora, client, project):
    call = call_of(4)
    agora.script = [PretendDetails(staying(call, 2)), Reply({"code": 500}, 500)]
    details = client.details(project, call)
    assert (len(details.sessions), details.cut, details.users_at_least) == (2, True, 2)


def test_a_failure_of_the_first_window_raises(agora, client, project):
    agora.script = [Reply({"code": 500}, 500)]
    with pytest.raises(ServerFailed):
        client.details(project, call_of(4))


def test_a_quota_that_ends_on_the_way_ends_the_search(agora, client, project, ledger):
    call = call_of(1)
    ledger.budget = 2
    agora.script = [PretendDetails(staying(call, 10))]
    agora.script[0].rows.append({**agora.script[0].rows[0], "sid": "s99", "uid": 99})
    details = client.details(project, call_of(4))
    assert (len(agora.asked), details.cut) == (2, True)
    ledger.budget = 0
    with pytest.raises(QuotaExhausted):
        client.details(project, call)


def test_of_a_call_of_days_the_newest_24_hours_are_read(agora, client, project):
    call = call_of(60)
    agora.script = [PretendDetails(staying(call, 1))]
    details = client.details(project, call)
    assert (len(agora.asked), details.cut, details.users_at_least) == (8, True, 1)


def test_a_window_that_agora_finds_too_long_is_split(agora, client, project, outcomes):
    call = call_of(2)
    pretend = PretendDetails(staying(call, 2))
    refusal = Reply({"code": 300, "message": "query time length limit error"})
    agora.script = [lambda asked: refusal if asked.span[1] - asked.span[0] > 4000 else pretend(asked)]
    details = client.details(project, call)
    assert (len(details.sessions), details.cut) == (2, False)
    assert [outcome for _, outcome, _ in outcomes] == ["window_length", "ok", "ok"]
