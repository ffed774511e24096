"""A replayed life of an alert as a backtest tells it: its stretches, and the messages it would have sent."""

import html
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from bot.flows.judge import texts
from bot.flows.replay import Episode
from bot.flows.subject import subject
from bot.incidents import Moment, announce
from bot.model.alert import Alert, EventKind, MessageKind
from bot.model.backtest import Fired, Stretch, Told
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
    return episode.alert.alertname, episode.alert.labels, episode.alert.active_at


def fired(episode: Episode, telling: Telling, end: int, early: Collection[Key] = ()) -> Fired:
    """Return a life as it looked in a replay up to ``end``; ``early`` are those with an unknown beginning."""
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
        messages=tuple(_messages(episode, telling)),
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


def _messages(episode: Episode, telling: Telling) -> Iterator[Told]:
    announced = False
    for moment in episode.moments:
        at = moment.event.at
        alert = replace(_annotated(episode.rule, moment), announced=announced)
        alert, messages = announce(alert, [moment.event], now=at, told_since=at)
        announced = alert.announced
        for message in messages:
            if message.kind is not MessageKind.EDIT:
                yield _told(episode.rule, alert, moment, message.kind, telling)


def _told(rule: Rule, alert: Alert, moment: Moment, kind: MessageKind, telling: Telling) -> Told:
    sent_at = moment.event.at + MINUTE_S + rule.query_offset_s
    about = subject(rule)
    if kind is MessageKind.OPENING:
        trend = Trend(title=about.title, unit=about.unit, points=(), threshold=alert.threshold)
        message = telling.renderer.root(alert, trend, now=sent_at)
    else:
        message = telling.renderer.reply(alert, moment.event, unit=about.unit)
    return Told(
        kind=kind,
        event=moment.event.kind,
        at=moment.event.at,
        sent_at=sent_at,
        channel=telling.channel,
        severity=moment.event.severity,
        text=html.unescape(message.text),
        summary=alert.annotations.get("summary", "") if kind is MessageKind.OPENING else "",
    )


def _annotated(rule: Rule, moment: Moment) -> Alert:
    if moment.verdict.outcome is not Outcome.MATCH:
        return moment.alert
    return replace(moment.alert, annotations=texts(rule, moment.verdict))
