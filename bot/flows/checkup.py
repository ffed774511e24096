"""Ask every endpoint of Agora once, and say what each answered."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from bot.agora import AgoraError, DiagnosisAnswer, Profile, TooFresh, feed_metrics
from bot.model.call import Call, CallDetails, CallSearch
from bot.model.catalog import Feed
from bot.model.finding import Finding, doubtful, ill, well
from bot.model.observation import MetricPoint
from bot.model.project import Dialect, Project
from bot.model.time import DAY_S, HOUR_S, MINUTE_S, Window, floor_minute, utc_day
from bot.model.usage import UsageDay
from bot.store import Database, suspects

USAGE = "insight/usage"


class Answers(Protocol):
    """What a check-up needs of a client of Agora that asks each question once."""

    def calls(
        self, project: Project, window: Window, cname: str | None = None, *, at_most: int = 1
    ) -> CallSearch: ...

    def details(self, project: Project, call: Call, *, spare: int) -> CallDetails: ...

    def live(
        self, project: Project, feed: Feed, window: Window, metrics: Collection[str] | None = None
    ) -> tuple[MetricPoint, ...]: ...

    def diagnosis(self, project: Project, window: Window) -> DiagnosisAnswer: ...

    def usage(self, project: Project, window: Window, metrics: Sequence[str]) -> tuple[UsageDay, ...]: ...


def check_agora(
    client: Answers, projects: tuple[Project, ...], profile: Profile, now: float
) -> Iterator[Finding]:
    """Yield a finding for each endpoint of one account; projects take turns, no endpoint is asked twice."""
    if not projects:
        yield doubtful("projects", "none uses this account", "Remove it from projects.yml, or add a project.")
        return
    by_endpoint = {name: feed for feed, name in profile.polled.items() if feed is not Feed.CALLS}
    feeds = tuple(by_endpoint.values())
    recent = Window(start=floor_minute(now) - 10 * MINUTE_S, end=floor_minute(now) - 2 * MINUTE_S)
    found: list[tuple[Project, Call]] = []

    def calls(project: Project) -> str:
        old_enough = Window(start=int(now) - 3 * HOUR_S, end=int(now) - HOUR_S // 4)  # for its details
        search = client.calls(project, old_enough, at_most=1)
        found.extend((project, call) for call in search.calls)
        return "answers" if search.calls else "answers; no call in the last three hours"

    def live(project: Project, feed: Feed) -> str:
        if feed is Feed.DIAGNOSIS:
            return f"answers, {len(client.diagnosis(project, recent).events)} rows of the last minutes"
        one = replace(project, products=project.products[:1])
        metrics = None if profile.dialect is Dialect.BETA else feed_metrics(profile.dialect, feed)[:1]
        minutes = {point.minute for point in client.live(one, feed, recent, metrics)}
        return f"answers, {len(minutes)} of the last 8 minutes"

    yield _finding(f"call/lists of {projects[0].name}", lambda: calls(projects[0]))
    for place, feed in enumerate(feeds, start=1):
        project = projects[place % len(projects)]
        yield _finding(f"{profile.polled[feed]} of {project.name}", partial(live, project, feed))
    details = "call/details" if profile.dialect is Dialect.BETA else "call/sessions and call/metrics"
    for project, call in found[:1]:
        yield _finding(f"{details} of {project.name}", partial(_details, client, project, call))
    if USAGE in profile.endpoints:
        project = projects[-1]
        yield _finding(f"{USAGE} of {project.name}", partial(_usage, client, project, now))
    unseen = [p.name for p in projects[len(feeds) + 1 :]]
    if unseen:
        yield doubtful(
            "projects", f"not asked for, to save requests: {', '.join(unseen)}", "See /readyz and the log."
        )


def _details(client: Answers, project: Project, call: Call) -> str:
    """Ask for the first hour of a call: more could take several requests."""
    hour = call.started_at + HOUR_S
    details = client.details(project, replace(call, ended_at=min(call.ended_at or hour, hour)), spare=0)
    return f"answers, {len(details.sessions)} sessions and {len(details.series)} series of the newest call"


def _usage(client: Answers, project: Project, now: float) -> str:
    """Ask for the newest day that every plan tells: the one before yesterday."""
    day = Window(start=(utc_day(now) - 2) * DAY_S, end=(utc_day(now) - 1) * DAY_S)
    return f"answers, {len(client.usage(project, day, ('userCount',)))} of 1 day"


def _finding(what: str, ask: Callable[[], str]) -> Finding:
    try:
        return well(what, ask())
    except TooFresh:
        return well(what, "not asked: the newest call is too young")
    except AgoraError as error:
        reason = f": {error.detail}" if error.detail else ""
        return ill(what, f"{error.happened}{reason}", error.advice)


def looked_at(database: Database, project: Project, now: float) -> Finding:
    """Say how much of what was suspicious in the last day the bot has examined."""
    with database.reading() as tx:
        seen = suspects.seen_since(tx, project.name, int(now) - DAY_S)
    return well(f"suspicious calls of {project.name}", f"{seen}, in the last 24 hours")


def check_clock(skew_s: float | None) -> Finding:
    """Judge how far this machine's clock is ahead of others, in seconds."""
    what, step = (
        "clock",
        "Set the clock by NTP: Agora refuses windows, and Slack signatures older than 5 minutes.",
    )
    if skew_s is None:
        return doubtful(
            what, "nobody told the time, so it was not compared", "Look again when Slack answers."
        )
    words = f"{abs(skew_s):.0f} s {'ahead of' if skew_s > 0 else 'behind'} Slack's"
    if abs(skew_s) > 120:
        return ill(what, words, step)
    return doubtful(what, words, step) if abs(skew_s) > 20 else well(what, words)
