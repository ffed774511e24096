"""A replayed life of an alert as a backtest tells it: its stretches, and the messages it would have sent."""

import html
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from bot.flows.judge import texts
from bot.flows.replay import Episode
from bot.flows.subject import subject
from bot.incidents import Moment, announce
from bot.model.backtest import Fired, Stretch, Told
from bot.model.incident import EventKind, Incident, MessageKind
from bot.model.message import Trend
from bot.model.time import MINUTE_S
from bot.model.verdict import Labels, Outcome
from bot.render import Renderer
from bot.rules import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What is needed to say what an alert would have said: the templates, and where it goes."""

    renderer: Renderer
    channel: str


Key = tuple[str, Labels, int]
"""A life: its alert, labels, and the minute in which its condition began to hold."""


def key_of(episode: Episode) -> Key:
    """Return what tells a life from all others."""
    return episode.incident.alert, episode.incident.labels, episode.incident.active_at


def fired(episode: Episode, telling: Telling, end: int, early: Collection[Key] = ()) -> Fired:
    """Return a life as it looked in a replay up to ``end``; ``early`` are those with an unknown beginning."""
    incident, rule = episode.incident, episode.rule
    stretches = tuple(stretches_of(episode, end))
    return Fired(
        alert=incident.alert,
        project=incident.project,
        labels=incident.labels,
        place=tuple((k, v) for k, v in incident.labels if k in rule.by and k != "project"),
        severity=max(stretch.severity for stretch in stretches),
        active_at=incident.active_at,
        fired_at=incident.fired_at if incident.fired_at is not None else incident.active_at,
        resolved_at=incident.resolved_at,
        reason=incident.reason,
        peak=incident.peak,
        threshold=incident.threshold,
        unit=subject(rule).unit,
        at_least=incident.at_least,
        low_is_bad=rule.low_is_bad,
        from_start=key_of(episode) in early,
        stretches=stretches,
        messages=tuple(_messages(episode, telling)),
    )


def stretches_of(episode: Episode, end: int) -> Iterator[Stretch]:
    """Yield the stretches of a life in order of time, up to ``end`` where it goes on."""
    incident = episode.incident
    since, severity, phase = incident.active_at, incident.severity, "pending"
    if episode.moments:
        severity = episode.moments[0].incident.severity
    for moment in episode.moments:
        if moment.event.at > since:
            yield Stretch(start=since, end=moment.event.at, severity=severity, phase=phase)
        since, severity = moment.event.at, moment.incident.severity
        phase = "recovering" if moment.event.kind is EventKind.RECOVERING else "firing"
    last = incident.resolved_at if incident.resolved_at is not None else end
    if last > since or not episode.moments:
        yield Stretch(start=since, end=max(last, since), severity=severity, phase=phase)


def _messages(episode: Episode, telling: Telling) -> Iterator[Told]:
    announced = False
    for moment in episode.moments:
        at = moment.event.at
        incident = replace(_annotated(episode.rule, moment), announced=announced)
        incident, messages = announce(incident, [moment.event], now=at, told_since=at)
        announced = incident.announced
        for message in messages:
            if message.kind is not MessageKind.EDIT:
                yield _told(episode.rule, incident, moment, message.kind, telling)


def _told(rule: Rule, incident: Incident, moment: Moment, kind: MessageKind, telling: Telling) -> Told:
    sent_at = moment.event.at + MINUTE_S + rule.query_offset_s
    about = subject(rule)
    if kind is MessageKind.OPENING:
        trend = Trend(title=about.title, unit=about.unit, points=(), threshold=incident.threshold)
        message = telling.renderer.root(incident, trend, now=sent_at)
    else:
        message = telling.renderer.reply(incident, moment.event, unit=about.unit)
    return Told(
        kind=kind,
        event=moment.event.kind,
        at=moment.event.at,
        sent_at=sent_at,
        channel=telling.channel,
        severity=moment.event.severity,
        text=html.unescape(message.text),
        summary=incident.annotations.get("summary", "") if kind is MessageKind.OPENING else "",
    )


def _annotated(rule: Rule, moment: Moment) -> Incident:
    if moment.verdict.outcome is not Outcome.MATCH:
        return moment.incident
    return replace(moment.incident, annotations=texts(rule, moment.verdict))
