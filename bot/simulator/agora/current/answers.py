"""From a question of today to the body that answers it."""

from collections.abc import Callable, Mapping
from functools import partial

from bot.simulator.agora.endpoints import Endpoint
from bot.simulator.agora.gate import Dialect, Serve
from bot.simulator.agora.traffic.project import Project
from bot.simulator.agora.values import Answer, Asked

from .calls import call_lists, call_metrics, call_sessions
from .endpoints import (
    BUCKETS,
    LISTS,
    METRICS,
    OVER_TIME,
    QUALITY_BY_TIME,
    QUALITY_NOW,
    QUALITY_SUM,
    QUALITY_TOP,
    SESSIONS,
    STATISTICS,
    USAGE_BY_TIME,
    USAGE_NOW,
    USAGE_SUM,
    USAGE_TOP,
    endpoints_of,
)
from .insights import quality_by_time, quality_sum, usage_by_time, usage_sum
from .plans import plan_named
from .questions import Question, question
from .realtime import quality_now, quality_top, usage_now, usage_top
from .statistics import freeze_buckets, over_time, statistics
from .world import World

_SERVE: Mapping[str, Callable[[World, Question], Answer]] = {
    LISTS: call_lists,
    SESSIONS: call_sessions,
    METRICS: call_metrics,
    STATISTICS: statistics,
    BUCKETS: freeze_buckets,
    OVER_TIME: over_time,
    USAGE_BY_TIME: usage_by_time,
    QUALITY_BY_TIME: quality_by_time,
    USAGE_SUM: usage_sum,
    QUALITY_SUM: quality_sum,
    USAGE_NOW: usage_now,
    QUALITY_NOW: quality_now,
    USAGE_TOP: usage_top,
    QUALITY_TOP: quality_top,
}


def current(plan: str, projects: Mapping[str, Project]) -> Dialect:
    """Return today's API with the limits of a plan; raise ValueError for a plan that does not exist."""
    worlds = {app_id: World(project) for app_id, project in projects.items()}

    def read(endpoint: Endpoint, app_id: str, asked: Asked, at: float) -> Serve:
        understood = question(endpoint, app_id, asked, at)
        return partial(_SERVE[endpoint.path], worlds[app_id], understood)

    return Dialect(endpoints=endpoints_of(plan_named(plan)), read=read)
