"""A replayed life of an alert as a backtest tells it: its stretches, and the messages it would have sent."""

import html
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.flows.judge import texts
from bot.flows.rehearse import Sent, rehearse
from bot.flows.replay import Episode
from bot.flows.routes import Routes
from bot.flows.subject import subject
from bot.model.alert import EventKind
from bot.model.backtest import Fired, Stretch, Told
from bot.model.incident import FIRST, MessageKind
from bot.model.message import Trend
from bot.model.time import HOUR_S, MINUTE_S
from bot.model.verdict import Labels, Outcome
from bot.render import Renderer


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What is needed to say what an alert would have said: the templates, and where it goes."""

    renderer: Renderer
    channel: str


Key = tuple[str, Labels, int]
"""A life: its alert, labels, and the minute in which its condition began to hold."""


def key_of(episode: Episode) -> Key:
    """Return what tells a life from all others."""
    return episode.alert.alertname, episode.alert.labels, episode.alert.active_at


def fired(episode: Episode, told: Sequence[Told], end: int, early: Collection[Key] = ()) -> Fired:
    """Return a life as it looked in a replay up to ``end``, with its messages; ``early`` are those with an
    unknown beginning."""
    alert, rule = episode.alert, episode.rule
    stretches = tuple(stretches_of(episode, end))
    return Fired(
        alert=alert.alertname,
        project=alert.project,
        labels=alert.labels,
        place=tuple((k, v) for k, v in alert.labels if k in rule.by and k != "project"),
        severity=max(stretch.severity for stretch in stretches),
        active_at=alert.active_at,
        fired_at=alert.fired_at if alert.fired_at is not None else alert.active_at,
        resolved_at=alert.resolved_at,
        reason=alert.reason,
        peak=alert.peak,
        threshold=alert.threshold,
        unit=subject(rule).unit,
        at_least=alert.at_least,
        low_is_bad=rule.low_is_bad,
        from_start=key_of(episode) in early,
        stretches=stretches,
        messages=tuple(told),
    )


def stretches_of(episode: Episode, end: int) -> Iterator[Stretch]:
    """Yield the stretches of a life in order of time, up to ``end`` where it goes on."""
    alert = episode.alert
    since, severity, phase = alert.active_at, alert.severity, "pending"
    if episode.moments:
        severity = episode.moments[0].alert.severity
    for moment in episode.moments:
        if moment.event.at > since:
            yield Stretch(start=since, end=moment.event.at, severity=severity, phase=phase)
        since, severity = moment.event.at, moment.alert.severity
        phase = "recovering" if moment.event.kind is EventKind.RECOVERING else "firing"
    last = alert.resolved_at if alert.resolved_at is not None else end
    if last > since or not episode.moments:
        yield Stretch(start=since, end=max(last, since), severity=severity, phase=phase)


def messages(
    episodes: Sequence[Episode], telling: Telling, routes: Routes, end: int
) -> dict[Key, list[Told]]:
    """Return the messages that would have been sent up to ``end``, each with the life that stands for all
    those of its incident; edits of first messages are left out."""
    found: dict[Key, list[Told]] = defaultdict(list)
    sent, lives = rehearse(episodes, routes, end + HOUR_S)
    for one in sent:
        episode = lives[one.card.lead.id]
        if one.line.kind is not MessageKind.EDIT and one.at < end + MINUTE_S + episode.rule.query_offset_s:
            found[key_of(episode)].append(_told(one, episode, telling))
    return found


def _told(sent: Sent, episode: Episode, telling: Telling) -> Told:
    lead, about = sent.card.lead, subject(episode.rule)
    known = [
        m for m in episode.moments if m.event.at <= lead.judged_at and m.verdict.outcome is Outcome.MATCH
    ]
    lead = replace(lead, annotations=texts(episode.rule, known[-1].verdict)) if known else lead
    trend = Trend(title=about.title, unit=about.unit, points=(), threshold=lead.threshold)
    alerts = tuple(lead if alert.id == lead.id else alert for alert in sent.card.alerts)
    card = replace(sent.card, lead=lead, alerts=alerts, trend=trend)
    first = sent.line.kind in FIRST
    now = int(sent.at)
    render = telling.renderer
    message = render.root(card, now=now) if first else render.reply(card, sent.line, now=now)
    return Told(
        kind=sent.line.kind,
        at=lead.judged_at,
        sent_at=now,
        channel=named(sent.target, telling.channel),
        severity=sent.line.severity,
        text=html.unescape(message.text),
        summary=lead.annotations.get("summary", "") if first else "",
    )


def named(target: str, channel: str) -> str:
    """Return a target as people know it: a channel by its name, all others by their receiver."""
    service, _, name = target.partition(":")
    return (name or channel) if service == "slack" else f"{service} {name.rpartition(':')[0]}"
