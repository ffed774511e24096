"""How the bot itself is, as ``status.j2`` gets it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.catalog import Feed
from bot.model.status import FeedStatus, Status, Waiting
from bot.render import words
from bot.render.table import monospaced

PROJECTS_SHOWN = 12
QUOTAS_SHOWN = 15
_LATE_S = 600
"""What is later than this is worth a mark: feeds are read every few minutes."""
_NAMES = {
    Feed.DIAGNOSIS: "diagnosis",
    Feed.EXPERIENCE: "experience",
    Feed.NET: "network",
    Feed.SCALE: "scale",
    Feed.CALLS: "calls",
}
_HEADER = ("Account", "Requests for", "used", "left", "of")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectStatus:
    """One project: whether all is ``well``, its feeds in words, and what failed."""

    well: bool
    name: str
    feeds: str
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusView:
    """The names of ``status.j2``. ``quota`` is a table as text, empty before the first request of the day."""

    well: bool
    incidents: str
    projects: tuple[ProjectStatus, ...]
    more: int
    quota: str
    resets_in: str
    waiting: tuple[str, ...]
    failing: str
    rules: str
    rules_read_at: str
    rule_problems: tuple[str, ...]
    parts: str


def status_view(status: Status, now: int) -> StatusView:
    """Return the state of things, what is ill first."""
    by_project: dict[str, list[FeedStatus]] = defaultdict(list)
    for feed in status.feeds:
        by_project[feed.project].append(feed)
    projects = sorted((_project(name, feeds) for name, feeds in by_project.items()), key=lambda p: p.well)
    spent = sorted(status.spent, key=lambda s: (-s.used / max(1, s.limit), s.account, s.endpoint))
    cells = [
        (s.account, s.endpoint, f"{s.used:,}", f"{max(0, s.limit - s.used):,}", f"{s.limit:,}")
        for s in spent[:QUOTAS_SHOWN]
    ]
    ill = any(not p.well for p in projects) or status.rule_problems or status.failing or not projects
    return StatusView(
        well=not ill,
        incidents=words.count(status.open_incidents, "incident"),
        projects=tuple(projects[:PROJECTS_SHOWN]),
        more=max(0, len(projects) - PROJECTS_SHOWN),
        quota=monospaced(_HEADER, cells, right=frozenset({2, 3, 4})) if cells else "",
        resets_in=words.duration(status.resets_in_s),
        waiting=tuple(_waiting(one) for one in status.waiting),
        failing=words.count(status.failing, "message") if status.failing else "",
        rules=words.count(status.rules, "rule") if status.rules is not None else "",
        rules_read_at=words.moment(status.rules_read_at) if status.rules_read_at is not None else "",
        rule_problems=tuple(words.plain(problem, 200) for problem in status.rule_problems[:3]),
        parts=" · ".join(words.plain(part, 80) for part in status.parts),
    )


def _waiting(one: Waiting) -> str:
    age = words.duration(one.oldest_s)
    return f"{words.count(one.messages, 'message')} for {one.service}, the oldest for {age}"


def _project(name: str, feeds: Sequence[FeedStatus]) -> ProjectStatus:
    errors = tuple(f"{_NAMES[f.feed]}: {words.plain(f.error, 200)}" for f in feeds if f.error)
    late = any(f.delay_s is None or f.delay_s > _LATE_S for f in feeds)
    return ProjectStatus(
        well=not errors and not late,
        name=words.plain(name, 80),
        feeds=" · ".join(_feed(feed) for feed in feeds),
        errors=errors,
    )


def _feed(feed: FeedStatus) -> str:
    if feed.delay_s is None:
        return f"{_NAMES[feed.feed]} not read yet"
    told = f"{_NAMES[feed.feed]} {words.duration(feed.delay_s)} behind"
    gaps = [f"{feed.asked - feed.known} of {feed.asked} min unknown"] if feed.known < feed.asked else []
    gaps += [f"{feed.cut} cut short"] if feed.cut else []
    return f"{told} ({', '.join(gaps)})" if gaps else told
