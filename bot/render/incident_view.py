"""An incident as ``incident_root.j2`` gets it: finished words only, safe for mrkdwn."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.model.alert import Alert
from bot.model.catalog import factor_title
from bot.model.incident import Card
from bot.model.message import Block
from bot.model.silence import Silence
from bot.model.verdict import Affected
from bot.render import words
from bot.render.alert_words import (
    affected_users,
    alert_line,
    began_at,
    in_order,
    low_is_bad,
    peak_word,
    value_of,
)
from bot.render.chart import chart
from bot.render.look import look_of
from bot.render.silence_view import when
from bot.render.values import Value

CHANNEL_LABEL = "cname"
USERS_SHOWN = 10
CAUSES_SHOWN = 3
ALERTS_SHOWN = 10
SILENCES_SHOWN = 3
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
    ``alerts`` are lines, one for each alert where there are several, ``more`` how many are left out.
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
    last: str
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
    alerts: tuple[str, ...]
    more: int
    firing: str
    episode: int
    earlier: str
    hidden_by: str
    silences: tuple[str, ...]
    flaps: int
    acked_by: str
    acked_at: str
    assigned_to: str
    snoozed_by: str
    snoozed_until: str
    can_acknowledge: bool
    can_snooze: bool
    button_value: str
    mention: str


def incident_view(card: Card, now: int, mention: str = "") -> IncidentView:
    """Return the incident as it stands at ``now``."""
    incident, lead, trend = card.incident, card.lead, card.trend
    look = look_of(card, now)
    unit = words.plain(trend.unit, 20) if trend else ""
    snoozed = incident.is_snoozed(now) and incident.is_open
    channel = _shared(card.alerts, CHANNEL_LABEL)
    project = _shared(card.alerts, "project")
    over_at = incident.resolved_at
    began = began_at(card.alerts)
    everybody = _together(card.alerts)
    return IncidentView(
        state=look.state,
        emoji=look.emoji,
        color=look.color,
        severity=max(alert.severity for alert in card.alerts).word if over_at else lead.severity.word,
        title=title_of(card),
        place=shown_place(card.alerts),
        place_plain=words.plain(channel or project or "several projects", 80),
        summary=words.plain(lead.annotations.get("summary", ""), 300),
        metric=words.plain(trend.title, 60) if trend else "",
        value=value_of(lead, unit),
        threshold=words.known(lead.threshold, unit),
        peak=words.known(lead.peak, unit),
        peak_word=peak_word(lead),
        last=words.known(lead.last_value, unit),
        users=affected_users(everybody, at_least=any(alert.at_least for alert in card.alerts)),
        labels=_labels(lead) if len(card.alerts) == 1 else (),
        project=words.plain(project or "several", 80),
        channel=words.code(channel) if channel else "",
        since_at=words.moment(began),
        since_utc=_utc_near(began, now),
        ended_at=words.moment(over_at) if over_at is not None else "",
        duration=words.duration((over_at if over_at is not None else now) - began),
        why=words.why(lead.reason),
        chart=chart(trend, low_is_bad=low_is_bad(lead)) if trend and incident.is_open else None,
        source=_source(everybody.hosts),
        causes=_causes(everybody.factors),
        user_list=words.codes(everybody.users, USERS_SHOWN),
        channel_list="" if channel else words.codes(everybody.channels, 5),
        advice=words.plain(lead.annotations.get("description", ""), 1000),
        runbook=_page(lead.annotations.get("runbook_url", "")),
        rule=words.plain(lead.alertname, 80),
        number=str(incident.id),
        alerts=tuple(alert_line(card, alert) for alert in in_order(card.alerts)[:ALERTS_SHOWN])
        if len(card.alerts) > 1
        else (),
        more=max(0, len(card.alerts) - ALERTS_SHOWN),
        firing=_firing(card.alerts),
        episode=incident.episode,
        earlier=_earlier(card),
        hidden_by=words.plain(words.listed(_hiders(card)), 200),
        silences=tuple(_silence(one, now) for one in card.silences[:SILENCES_SHOWN]),
        flaps=card.flaps,
        acked_by=words.mention(incident.acked_by) if incident.acked_by else "",
        acked_at=words.moment(incident.acked_at) if incident.acked_at is not None else "",
        assigned_to=words.mention(incident.assigned_to) if incident.assigned_to else "",
        snoozed_by=words.mention(incident.snoozed_by) if incident.snoozed_by and snoozed else "",
        snoozed_until=words.moment(incident.snoozed_until or 0) if snoozed else "",
        can_acknowledge=incident.is_open and incident.acked_by is None,
        can_snooze=incident.is_open and not snoozed,
        button_value=Value.encode_incident(incident.id, incident.version),
        mention=words.called(mention) if incident.is_open else "",
    )


def shown_place(alerts: Sequence[Alert]) -> str:
    """Return the channel that all alerts share, else their project."""
    channel = _shared(alerts, CHANNEL_LABEL)
    return (
        words.code(channel) if channel else words.plain(_shared(alerts, "project") or "several projects", 80)
    )


def title_of(card: Card) -> str:
    """Return the name of the alert, or how many kinds there are."""
    names = sorted({alert.alertname for alert in card.alerts})
    if len(names) == 1:
        return words.title_of(names[0])
    return f"{words.title_of(card.lead.alertname)} and {words.count(len(names) - 1, 'other alert')}"


def _firing(alerts: Sequence[Alert]) -> str:
    firing = sum(alert.is_open for alert in alerts)
    return (
        f"{firing:,} of {words.count(len(alerts), 'alert')}" if firing < len(alerts) else f"{firing:,} alerts"
    )


def _silence(silence: Silence, now: int) -> str:
    who, why = words.mention(silence.author), words.plain(silence.comment, 200)
    return f"{silence.name.capitalize()} by {who} {when(silence, now)}: {why}"


def _hiders(card: Card) -> list[str]:
    """Return what hides the alerts that fire, where it hides all of them."""
    firing = [alert for alert in card.alerts if alert.is_open]
    if not firing or not all(card.covered_by.get(alert.id) for alert in firing):
        return []
    return list(dict.fromkeys(name for alert in firing for name in card.covered_by[alert.id]))


def _shared(alerts: Sequence[Alert], name: str) -> str:
    """Return the value of a label that all alerts share, empty where they differ or lack it."""
    values = {alert.label(name) for alert in alerts}
    return (values.pop() or "") if len(values) == 1 else ""


def _together(alerts: Sequence[Alert]) -> Affected:
    """Return who suffers from any of the alerts."""
    if len(alerts) == 1:
        return alerts[0].affected
    each = [alert.affected for alert in in_order(alerts)]
    return Affected(
        events=sum(a.events for a in each),
        users=tuple(dict.fromkeys(user for a in each for user in a.users)),
        channels=tuple(dict.fromkeys(channel for a in each for channel in a.channels)),
        hosts=tuple(dict.fromkeys(host for a in each for host in a.hosts)),
        factors=_summed(pair for a in each for pair in a.factors),
        experiences=_summed(pair for a in each for pair in a.experiences),
    )


def _summed(pairs: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    counts = Counter[int]()
    for id_, count in pairs:
        counts[id_] += count
    return tuple(counts.most_common())


def _labels(alert: Alert) -> tuple[Field, ...]:
    """Return the labels that tell series apart, beside project and channel."""
    known = {"project", CHANNEL_LABEL, "alertname", "severity"}
    own = [(name, value) for name, value in alert.labels if name not in known]
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


def _earlier(card: Card) -> str:
    """Return the number of the incident that this one continues, a link where its message is known."""
    if not card.incident.continues:
        return ""
    number, link = f"#{card.incident.continues}", _page(card.earlier_link)
    return f"<{link}|{number}>" if link else number


def _page(url: str) -> str:
    """Return a link's address where it is a web page, else nothing."""
    address = url.strip()
    try:
        is_page = _URL.fullmatch(address) is not None and bool(urlsplit(address).hostname)
    except ValueError:
        return ""
    return words.entities(address) if is_page else ""
