"""Answer people: calls of a channel, and details of a call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Protocol

from bot.agora import AgoraError, QuotaExhausted, TooFresh
from bot.diagnosis import examine, pictures
from bot.flows.access import Access
from bot.flows.call_marks import call_marks
from bot.flows.correlate import Rulebook
from bot.flows.delivery import SlackBusy, SlackRefused, SlackUnreachable
from bot.flows.question import CallQuestion, call_id_in, call_question, is_link
from bot.incidents import lead_of
from bot.model.audit import Asker, AuditEntry
from bot.model.call import Call, CallDetails, CallSearch
from bot.model.feedback import Feedback, Verdict
from bot.model.message import Message
from bot.model.project import Project
from bot.model.time import HOUR_S, MINUTE_S, Window
from bot.model.usage import UsageDay
from bot.render import CallListing, Renderer
from bot.rules import RuleSet
from bot.store import Database, audit, feedback, incidents, observations, people

PAGE = 30
"""Calls in one answer: each takes a block, and Slack allows 50."""
ALIKE_SHOWN = 5
_NAMES = 2000
"""Names of channels that are compared, of each kind of record."""


class Asks(Protocol):
    """What answering needs of ``bot.agora.AgoraClient``."""

    def calls(
        self, project: Project, window: Window, cname: str | None = None, *, at_most: int = PAGE
    ) -> CallSearch: ...

    def details(self, project: Project, call: Call) -> CallDetails: ...

    def usage(self, project: Project, window: Window) -> tuple[UsageDay, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every answer needs. ``clients`` are by account name; ``kept_s`` is how far back Agora keeps calls,
    on the plan that keeps them longest, ``events_kept_s`` how far back this bot keeps what it read of users;
    ``parts`` are the versions of what runs, for people."""

    database: Database
    clients: Mapping[str, Asks]
    projects: tuple[Project, ...]
    kept_s: int
    events_kept_s: int
    renderer: Renderer
    now: Callable[[], float]
    wall: Callable[[], float]
    access: Access
    parts: tuple[str, ...] = ()
    book: Callable[[], Rulebook | None]
    blind: Callable[[RuleSet], Mapping[str, str]]
    """By the names of rules that no poll can feed, why."""
    say: Callable[[str, Message, str], object]
    """Posts into a channel (its id), below a message (its ts) where one is named; raises SlackBusy,
    SlackRefused or SlackUnreachable."""
    whisper: Callable[[str, str, Message, str], object]
    """The same for one user alone: channel, user (their id), message, ts."""


def list_calls(desk: Desk, question: CallQuestion) -> Message:
    """Return the channel's calls in every project, newest first, or a sentence of why there are none.

    Projects that could not be searched are named.
    """
    found: list[tuple[str, CallSearch]] = []
    failures: list[tuple[str, AgoraError]] = []
    for project in desk.projects:
        try:
            search = desk.clients[project.account].calls(
                project, question.window, question.cname, at_most=PAGE
            )
        except AgoraError as error:
            failures.append((project.name, error))
        else:
            found.append((project.name, search))
    if failures and not any(search.calls for _, search in found):
        return trouble(desk, failures[0][1])
    shown, older_before = _page(found)
    return desk.renderer.call_list(
        CallListing(
            marks=call_marks(desk.database, ((name, search.calls) for name, search in shown)),
            alike=() if any(search.calls for _, search in shown) else _alike(desk, question.cname),
            cname=question.cname,
            window=question.window,
            found=shown,
            now=int(desk.now()),
            older_before=older_before,
            several_projects=len(desk.projects) > 1,
            failed=tuple((name, str(error)) for name, error in failures),
            kept_s=desk.kept_s,
        )
    )


def _alike(desk: Desk, cname: str) -> tuple[str, ...]:
    """Return names like one under which there is no call, of channels that were seen lately."""
    with desk.database.reading() as tx:
        known = people.channels_since(tx, int(desk.now()) - desk.kept_s, limit=_NAMES)
    by_folded = {name.casefold(): name for name in known if name != cname}
    wanted = cname.casefold()
    within = [name for folded, name in by_folded.items() if wanted in folded or folded in wanted]
    near = [by_folded[folded] for folded in get_close_matches(wanted, by_folded, n=ALIKE_SHOWN)]
    return tuple(dict.fromkeys([*near, *within]))[:ALIKE_SHOWN]


def find_calls(desk: Desk, text: str) -> Message:
    """Answer ``/agora-call``: the calls of a channel, or one call of which somebody has the id or the link to
    it in Agora's console; raise Unclear."""
    call_id = call_id_in(text)
    if call_id is not None:
        with desk.database.reading() as tx:
            known = people.call_known(tx, [p.name for p in desk.projects], call_id)
        if known is not None:
            project, cname, started_at, ended_at = known
            return call_details(
                desk, project, Call(call_id=call_id, cname=cname, started_at=started_at, ended_at=ended_at)
            )
        if is_link(text):
            return desk.renderer.notice(
                "I have not seen this call, and Agora finds calls by their channel only.",
                "Ask `/agora-call <channel>` for the channel that it was in.",
            )
    return list_calls(desk, call_question(text, desk.now(), desk.kept_s))


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


def call_details(desk: Desk, project_name: str, call: Call, *, shown_by: str = "") -> Message:
    """Return what went wrong in the call, who was in it and what was measured; ``shown_by`` shows it to
    others."""
    project = next((p for p in desk.projects if p.name == project_name), None)
    if project is None:
        return desk.renderer.notice(
            f"The project {project_name} is not watched any more.", "Ask again with `/agora-call`."
        )
    try:
        details = desk.clients[project.account].details(project, call)
    except AgoraError as error:
        return trouble(desk, error)
    now = int(desk.now())
    if not details.sessions:
        return desk.renderer.call_details(project_name, details, now=now)
    found = examine(details)
    drawn = pictures(details, found)
    return desk.renderer.call_details(
        project_name, details, now=now, found=found, drawn=drawn, shown_by=shown_by
    )


def share_call(desk: Desk, project_name: str, call: Call, asker: Asker) -> Message | None:
    """Show the verdict on a call with its picture to the asker's channel; return None when it is there, else
    why not."""
    now = int(desk.now())
    message = call_details(desk, project_name, call, shown_by=asker.user)
    if message.picture is None:
        return message
    once = f"show {asker.channel} {call.call_id} {now // MINUTE_S}"
    with desk.database.transaction() as tx:
        if not audit.first_time(tx, once, now):
            return desk.renderer.notice("This call was shown here a moment ago.")
    try:
        desk.say(asker.channel, message, "")
    except (SlackBusy, SlackRefused, SlackUnreachable) as why:
        with desk.database.transaction() as tx:
            audit.not_yet(tx, once)
        return _not_shown(desk, why)
    with desk.database.transaction() as tx:
        audit.add(tx, AuditEntry(at=now, asker=asker, deed="show call", about=call.call_id))
    return None


def _not_shown(desk: Desk, why: Exception) -> Message:
    if isinstance(why, SlackRefused):
        return desk.renderer.notice(f"I cannot write here: {why}", "Invite me with `/invite @agora-bot`.")
    return desk.renderer.notice("Slack did not take it.", "Press the button again in a minute.")


def judged(desk: Desk, verdict: Verdict, user: str, *, right: bool) -> Message:
    """Store what somebody says of a verdict, in place of what they said of it before."""
    given = Feedback(verdict=verdict, right=right, user=user, answered_at=int(desk.now()))
    with desk.database.transaction() as tx:
        feedback.save(tx, given)
    return desk.renderer.notice(
        f"Thank you: this verdict is noted as {'right' if right else 'wrong'}.",
        "The other button changes your answer.",
    )


def incident_calls(desk: Desk, incident_id: int) -> Message:
    """Return the calls of the channel that an incident names, else of the one that suffered most."""
    with desk.database.reading() as tx:
        stored = incidents.find(tx, incident_id)
        lead = lead_of(stored.alerts) if stored else None
        if stored is None or lead is None:
            return desk.renderer.notice("This incident is not in my records any more.")
        until = stored.incident.resolved_at or int(desk.now())
        worst = observations.worst_channel(tx, lead.project, lead.active_at - HOUR_S // 4, until)
    cname = lead.label("cname") or next(iter(lead.affected.channels), None) or worst
    if cname is None:
        return desk.renderer.notice(
            "This alert judges the whole project, and no channel stood out meanwhile.",
            "Ask `/agora-call <cname>` for a channel that you suspect.",
        )
    window = Window(start=lead.active_at - HOUR_S, end=int(desk.now()))
    return list_calls(desk, CallQuestion(cname=cname, window=window))


def trouble(desk: Desk, error: AgoraError) -> Message:
    """Return a sentence for a person whose question Agora did not answer."""
    if isinstance(error, QuotaExhausted):
        hint = "Alerts go on as far as their own quota lasts. Ask again after 00:00 UTC."
    elif isinstance(error, TooFresh):
        hint = ""
    else:
        hint = "Try again in a minute; if it lasts, tell whoever runs this bot."
    return desk.renderer.notice(str(error), hint)
