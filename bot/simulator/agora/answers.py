"""From a question to the body that answers it, in the shapes of 2019."""

from collections.abc import Callable, Mapping
from functools import partial

from .endpoints import (
    CALL_DETAILS,
    CALL_LISTS,
    DAY_S,
    ENDPOINTS,
    HOUR_S,
    INSIGHT_USAGE,
    LIVE_DIAGNOSIS,
    LIVE_EXPERIENCE,
    LIVE_NET,
    LIVE_SCALE,
    Endpoint,
)
from .gate import Dialect, Serve
from .questions import Question, question
from .traffic.details import details_body
from .traffic.draw import draw
from .traffic.project import Project
from .values import Answer, Asked, Json

CALLS_AT_MOST = 10
ROWS_AT_MOST = 10
USAGE_COMPLETE_AFTER_S = 8 * HOUR_S


def _call_lists(project: Project, asked: Question) -> Answer:
    known_until = asked.now - (CALL_LISTS.delay_s or 0)
    found = [
        call
        for call in project.calls.overlapping(asked.start, asked.end, asked.texts.get("cname"))
        if call.start <= known_until
    ]
    found.sort(key=lambda call: (-call.start, call.call_id))
    listed: list[Json] = [
        {
            "call_id": call.call_id,
            "cname": call.cname,
            "created_ts": call.start,
            "destroyed_ts": call.end if call.end <= known_until else 0,
            "finished": call.end <= known_until,
        }
        for call in found[:CALLS_AT_MOST]
    ]
    has_more = len(found) > CALLS_AT_MOST
    return Answer(body={"code": 200, "message": "", "has_more": has_more, "call_lists": listed})


def _call_details(project: Project, asked: Question) -> Answer:
    body = details_body(
        project,
        asked.texts["call_id"],
        start=asked.start,
        end=asked.end,
        known_until=asked.now - (CALL_DETAILS.delay_s or 0),
        with_servers=not asked.flags.get("exclude_server_user", True),
        with_metrics=not asked.flags.get("exclude_metrics_info", False),
    )
    return Answer(body=body)


def _live(project: Project, asked: Question) -> Answer:
    inside = [minute for minute in _minutes(project, asked) if minute >= asked.start]
    points = [project.point(minute, asked.metrics) for minute in inside]
    _shuffle(project, asked, points)
    return _data(points)


def _diagnosis(project: Project, asked: Question) -> Answer:
    rows = [
        row
        for minute in _minutes(project, asked)
        for row in project.rows(minute)
        if asked.start <= row["ts"] < asked.end
    ]
    _shuffle(project, asked, rows)
    return _data(rows[:ROWS_AT_MOST])


def _usage(project: Project, asked: Question) -> Answer:
    first = -(-int(asked.start) // DAY_S) * DAY_S
    days = range(first, int(asked.end) - DAY_S + 1, DAY_S)
    known_until = asked.now - USAGE_COMPLETE_AFTER_S
    return _data([project.usage(day, asked.metrics) for day in days if day + DAY_S <= known_until])


def _minutes(project: Project, asked: Question) -> list[int]:
    """Return the minutes that touch the window and whose data have arrived."""
    first = int(asked.start) // 60 * 60
    starts_inside = (minute for minute in range(first, int(asked.end) + 1, 60) if minute < asked.end)
    return [minute for minute in starts_inside if project.arrives_at(minute) <= asked.now]


def _shuffle(project: Project, asked: Question, rows: list[Json]) -> None:
    draw(project.seed, "order", asked.endpoint.path, asked.start, asked.end, len(rows)).shuffle(rows)


def _data(rows: list[Json]) -> Answer:
    return Answer(body={"code": 200, "message": "success", "data": rows})


_SERVE: Mapping[str, Callable[[Project, Question], Answer]] = {
    CALL_LISTS.path: _call_lists,
    CALL_DETAILS.path: _call_details,
    INSIGHT_USAGE.path: _usage,
    LIVE_SCALE.path: _live,
    LIVE_EXPERIENCE.path: _live,
    LIVE_NET.path: _live,
    LIVE_DIAGNOSIS.path: _diagnosis,
}


def beta(projects: Mapping[str, Project]) -> Dialect:
    """Return the API of 2019 over the projects by App ID."""

    def read(endpoint: Endpoint, app_id: str, asked: Asked, at: float) -> Serve:
        understood = question(endpoint, app_id, asked.params, at)
        return partial(_SERVE[endpoint.path], projects[app_id], understood)

    return Dialect(endpoints=ENDPOINTS, read=read)
