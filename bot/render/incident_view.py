"""An incident as ``incident_root.j2`` gets it: finished words only, safe for mrkdwn."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.model.alert import Alert
from bot.model.catalog import factor_title
from bot.model.message import Block, Trend
from bot.render import words
from bot.render.chart import chart
from bot.render.look import look_of
from bot.render.values import Value

CHANNEL_LABEL = "cname"
USERS_SHOWN = 10
CAUSES_SHOWN = 3
_URL = re.compile(r"https?://[^\s<>|\"`\x00-\x1f]{1,1000}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One label or its value in two short lines."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentView:
    """The names of ``incident_root.j2``. Empty text means that there is nothing to say.

    ``*_at`` and ``*_until`` are date tokens that each reader sees in local time, ``since_utc`` is for push.
    """

    state: str
    emoji: str
    color: str
    severity: str
    title: str
    place: str
    place_plain: str
    summary: str
    metric: str
    value: str
    threshold: str
    peak: str
    peak_word: str
    users: str
    labels: tuple[Field, ...]
    project: str
    channel: str
    since_at: str
    since_utc: str
    ended_at: str
    duration: str
    why: str
    chart: Block | None
    source: str
    causes: str
    user_list: str
    channel_list: str
    advice: str
    runbook: str
    rule: str
    number: str
    acked_by: str
    acked_at: str
    silenced_by: str
    silenced_until: str
    can_acknowledge: bool
    can_silence: bool
    button_value: str


def incident_view(incident: Alert, trend: Trend | None, now: int) -> IncidentView:
    """Return the incident as it stands at ``now``."""
    look = look_of(incident, now)
    unit = words.plain(trend.unit, 20) if trend else ""
    silenced = incident.is_silenced(now) and look.state != "resolved"
    channel = incident.label(CHANNEL_LABEL) or ""
    over_at = incident.resolved_at
    return IncidentView(
        state=look.state,
        emoji=look.emoji,
        color=look.color,
        severity=incident.severity.word,
        title=words.title_of(incident.alertname),
        place=words.code(channel) if channel else words.plain(incident.project, 80),
        place_plain=words.plain(channel or incident.project, 80),
        summary=words.plain(incident.annotations.get("summary", ""), 300),
        metric=words.plain(trend.title, 60) if trend else "",
        value=words.amount(incident.value, unit),
        threshold=words.amount(incident.threshold, unit) if incident.threshold is not None else "",
        peak=words.amount(incident.peak, unit),
        peak_word=peak_word(incident),
        users=affected_users(incident),
        labels=_labels(incident),
        project=words.plain(incident.project, 80),
        channel=words.code(channel) if channel else "",
        since_at=words.moment(incident.active_at),
        since_utc=_utc_near(incident.active_at, now),
        ended_at=words.moment(over_at) if over_at is not None else "",
        duration=words.duration((over_at if over_at is not None else now) - incident.active_at),
        why=words.why(incident.reason),
        chart=chart(trend, low_is_bad=_low_is_bad(incident)) if trend and look.state != "resolved" else None,
        source=_source(incident.affected.hosts),
        causes=_causes(incident.affected.factors),
        user_list=words.codes(incident.affected.users, USERS_SHOWN),
        channel_list="" if channel else words.codes(incident.affected.channels, 5),
        advice=words.plain(incident.annotations.get("description", ""), 1000),
        runbook=_runbook(incident.annotations.get("runbook_url", "")),
        rule=words.plain(incident.alertname, 80),
        number=str(incident.id),
        acked_by=words.mention(incident.acked_by) if incident.acked_by else "",
        acked_at=words.moment(incident.acked_at) if incident.acked_at is not None else "",
        silenced_by=words.mention(incident.silenced_by) if incident.silenced_by and silenced else "",
        silenced_until=words.moment(incident.silenced_until or 0) if silenced else "",
        can_acknowledge=incident.is_open and incident.acked_by is None,
        can_silence=incident.is_open and not silenced,
        button_value=Value.encode_incident(incident.id, incident.version),
    )


def _low_is_bad(incident: Alert) -> bool:
    """An incident does not keep its rule's direction; a peak below the threshold tells it."""
    return incident.peak is not None and incident.threshold is not None and incident.peak < incident.threshold


def peak_word(incident: Alert) -> str:
    """Return the word for the worst value: where low is bad, it is the lowest."""
    return "Lowest" if _low_is_bad(incident) else "Peak"


def affected_users(incident: Alert) -> str:
    """Return how many users are affected, with "at least" where Agora's answer was cut; empty for none."""
    how_many = len(incident.affected.users)
    if not how_many:
        return ""
    return f"{'at least ' if incident.at_least else ''}{words.count(how_many, 'user')}"


def _labels(incident: Alert) -> tuple[Field, ...]:
    """Return the labels that tell series apart, beside project and channel."""
    known = {"project", CHANNEL_LABEL, "alertname", "severity"}
    own = [(name, value) for name, value in incident.labels if name not in known]
    return tuple(
        Field(name=words.plain(name.replace("_", " ").capitalize(), 40), value=words.code(value))
        for name, value in own[:2]
    )


def _utc_near(instant: int, now: int) -> str:
    """Return the clock time, with the day where that is not today."""
    same_day = words.utc(instant, "%Y-%m-%d") == words.utc(now, "%Y-%m-%d")
    return words.utc(instant, "%H:%M" if same_day else "%Y-%m-%d %H:%M") + " UTC"


def _source(hosts: Sequence[str]) -> str:
    if not hosts:
        return ""
    return f"{'user' if len(hosts) == 1 else 'users'} {words.codes(hosts, CAUSES_SHOWN)}"


def _causes(factors: Sequence[tuple[int, int]]) -> str:
    return words.listed(f"{factor_title(id_)} ×{times:,}" for id_, times in factors[:CAUSES_SHOWN])


def _runbook(url: str) -> str:
    """Return the link's address where it is a web page, else nothing."""
    address = url.strip()
    try:
        is_page = _URL.fullmatch(address) is not None and bool(urlsplit(address).hostname)
    except ValueError:
        return ""
    return words.entities(address) if is_page else ""
