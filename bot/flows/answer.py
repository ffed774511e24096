"""Answer people: calls of a channel, details of a call, and what a click on an incident does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.agora import AgoraError, QuotaExhausted, TooFresh
from bot.flows.evaluate import record
from bot.flows.question import CallQuestion
from bot.incidents import acknowledge, announce, silence
from bot.model.alert import Alert, AlertEvent
from bot.model.call import Call, CallDetails, CallSearch
from bot.model.message import Message
from bot.model.project import Project
from bot.model.time import HOUR_S, Window
from bot.render import CallListing, Renderer
from bot.store import Conflict, Database, alerts, observations

PAGE = 30
"""Calls in one answer: each takes a block, and Slack allows 50."""

SILENCE_S = HOUR_S


class Asks(Protocol):
    """What answering needs of ``bot.agora.AgoraClient``."""

    def calls(
        self, project: Project, window: Window, cname: str | None = None, *, at_most: int = PAGE
    ) -> CallSearch: ...

    def details(self, project: Project, call: Call) -> CallDetails: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every answer needs. ``clients`` are by account name."""

    database: Database
    clients: Mapping[str, Asks]
    projects: tuple[Project, ...]
    renderer: Renderer
    now: Callable[[], float]
    wall: Callable[[], float]


def list_calls(desk: Desk, question: CallQuestion) -> Message:
    """Return the channel's calls in every project, newest first, or a sentence of why there are none."""
    found: list[tuple[str, CallSearch]] = []
    failures: list[AgoraError] = []
    for project in desk.projects:
        try:
            search = desk.clients[project.account].calls(
                project, question.window, question.cname, at_most=PAGE
            )
        except AgoraError as error:
            failures.append(error)
        else:
            found.append((project.name, search))
    if failures and not any(search.calls for _, search in found):
        return trouble(desk, failures[0])
    shown, older_before = _page(found)
    return desk.renderer.call_list(
        CallListing(
            cname=question.cname,
            window=question.window,
            found=shown,
            now=int(desk.now()),
            older_before=older_before,
            several_projects=len(desk.projects) > 1,
        )
    )


def _page(found: list[tuple[str, CallSearch]]) -> tuple[list[tuple[str, CallSearch]], int | None]:
    """Return the newest ``PAGE`` calls of all projects, and before when to ask for older ones, if any."""
    starts = sorted((c.started_at for _, search in found for c in search.calls), reverse=True)
    more = len(starts) > PAGE or any(not search.complete for _, search in found)
    oldest_shown = starts[min(len(starts), PAGE) - 1] if starts else 0
    if more and starts and starts[0] > oldest_shown:
        oldest_shown += 1  # calls of that second may be cut: all of them go to the next page
    shown = [
        (
            name,
            CallSearch(
                calls=tuple(c for c in search.calls if c.started_at >= oldest_shown)[:PAGE],
                complete=search.complete,
            ),
        )
        for name, search in found
    ]
    return shown, oldest_shown if more and starts else None


def call_details(desk: Desk, project_name: str, call: Call) -> Message:
    """Return who was in the call and what was measured."""
    project = next((p for p in desk.projects if p.name == project_name), None)
    if project is None:
        return desk.renderer.notice(
            f"The project {project_name} is not watched any more.", "Ask again with `/agora-call`."
        )
    try:
        details = desk.clients[project.account].details(project, call)
    except AgoraError as error:
        return trouble(desk, error)
    return desk.renderer.call_details(project_name, details, now=int(desk.now()))


def incident_calls(desk: Desk, incident_id: int) -> Message:
    """Return the calls of the channel that an incident names, else of the one that suffered most."""
    with desk.database.transaction() as tx:
        incident = alerts.find(tx, incident_id)
        if incident is None:
            return desk.renderer.notice("This incident is not in my records any more.")
        until = incident.resolved_at or int(desk.now())
        worst = observations.worst_channel(tx, incident.project, incident.active_at - HOUR_S // 4, until)
    cname = incident.label("cname") or next(iter(incident.affected.channels), None) or worst
    if cname is None:
        return desk.renderer.notice(
            "This alert judges the whole project, and no channel stood out meanwhile.",
            "Ask `/agora-call <cname>` for a channel that you suspect.",
        )
    window = Window(start=incident.active_at - HOUR_S, end=int(desk.now()))
    return list_calls(desk, CallQuestion(cname=cname, window=window))


def take(desk: Desk, incident_id: int, user: str) -> str | None:
    """Acknowledge for ``user``; return None when it is done, else a sentence for that user alone."""
    return _act(desk, incident_id, lambda i, now: acknowledge(i, user, now), _taken_already)


def hush(desk: Desk, incident_id: int, user: str) -> str | None:
    """Silence for an hour; return None when it is done, else a sentence for that user alone."""
    return _act(desk, incident_id, lambda i, now: silence(i, user, now, now + SILENCE_S), _silent_already)


def _act(
    desk: Desk,
    incident_id: int,
    act: Callable[[Alert, int], tuple[Alert, AlertEvent] | None],
    why_not: Callable[[Alert], str],
) -> str | None:
    for _ in range(5):
        try:
            with desk.database.transaction() as tx:
                incident = alerts.find(tx, incident_id)
                if incident is None:
                    return "This incident is not in my records any more."
                now = int(desk.now())
                done = act(incident, now)
                if done is None:
                    return why_not(incident)
                after, messages = announce(done[0], (done[1],), now=now, told_since=now)
                record(tx, after, (done[1],), messages, now=now, wall=desk.wall())
                return None
        except Conflict:
            continue
    return "This incident is changing just now; please click again."


def _taken_already(incident: Alert) -> str:
    if incident.acked_by is None:
        return "This incident is resolved already; there is nothing to acknowledge."
    return f"<@{incident.acked_by}> acknowledged this incident already."


def _silent_already(incident: Alert) -> str:
    if not incident.is_open:
        return "This incident is resolved already; there is nothing to silence."
    return f"<@{incident.silenced_by}> silenced this incident already."


def trouble(desk: Desk, error: AgoraError) -> Message:
    """Return a sentence for a person whose question Agora did not answer."""
    if isinstance(error, QuotaExhausted):
        hint = "Alerts go on as far as their own quota lasts. Ask again after 00:00 UTC."
    elif isinstance(error, TooFresh):
        hint = ""
    else:
        hint = "Try again in a minute; if it lasts, tell whoever runs this bot."
    return desk.renderer.notice(str(error), hint)
