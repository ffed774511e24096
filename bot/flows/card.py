"""What an incident's messages show: its alerts, what hides them, and the last hour of what was compared."""

import math

from bot.flows.correlate import Rulebook, covered_by, flapping
from bot.flows.subject import subject
from bot.incidents import lead_of
from bot.model.alert import Alert
from bot.model.incident import Card
from bot.model.message import Trend
from bot.model.time import HOUR_S, MINUTE_S, floor_minute
from bot.rules import Rule, evaluate
from bot.store import Database, incidents, observations, silences


def card(database: Database, book: Rulebook | None, stored: incidents.Stored, *, now: float) -> Card:
    """Return what is to be shown of an incident; without rules, only what was stored with it."""
    lead = lead_of(stored.alerts)
    if lead is None:
        raise LookupError(f"incident {stored.incident.id} holds no alert")
    plain = Card(incident=stored.incident, alerts=stored.alerts, lead=lead)
    if book is None:
        return plain
    rules = {rule.name: rule for rule in book.rules.rules}
    rule = rules.get(lead.alertname)
    with database.reading() as tx:
        kept = silences.lasting(tx, now)
        covered = covered_by(tx, book.routes, stored.alerts, kept, now) if stored.incident.is_open else {}
        flaps = flapping(tx, rules, [lead], now)
    hiders = {name for names in covered.values() for name in names}
    return Card(
        incident=stored.incident,
        alerts=stored.alerts,
        lead=lead,
        trend=trend_of(database, rule, lead) if rule else None,
        covered_by=covered,
        silences=tuple(one for one in kept if one.name in hiders),
        flaps=flaps.get(lead.id, 0),
    )


def trend_of(database: Database, rule: Rule, alert: Alert) -> Trend:
    """Return what the rule compared in each minute of the last hour, judged by the evaluator itself."""
    end = floor_minute(alert.judged_at) + MINUTE_S
    minutes = range(end - HOUR_S, end, MINUTE_S)
    with database.reading() as tx:
        start = minutes[0] - rule.lookback_s
        seen = observations.read(tx, [alert.project], start, end, sorted(rule.metrics))
    points = [
        (int(minute), float(value))
        for series in evaluate(rule, seen, minutes, also=[alert.labels])
        if series.labels == alert.labels
        for minute, value in zip(series.minutes, series.value, strict=True)
        if not math.isnan(value)
    ]
    about = subject(rule)
    return Trend(title=about.title, unit=about.unit, points=tuple(points), threshold=alert.threshold)
