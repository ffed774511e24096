"""One alert of an incident in words that are safe for mrkdwn."""

import math
from collections.abc import Sequence

from bot.model.alert import Alert, Reason, State
from bot.model.incident import Card
from bot.model.verdict import Affected
from bot.render import words
from bot.render.look import look_of_severity


def in_order(alerts: Sequence[Alert]) -> list[Alert]:
    """Return alerts as people want to read them: what fires first, the most severe of it on top."""
    return sorted(alerts, key=lambda a: (not a.is_open, -a.severity, a.fired_at or 0, a.id))


def place_of(alert: Alert, alerts: Sequence[Alert]) -> str:
    """Return what tells one alert of an incident from the others: the labels that differ."""
    kept = [(n, v) for n, v in alert.labels if any(other.label(n) != v for other in alerts)]
    named = [words.title_of(alert.alertname)] if any(a.alertname != alert.alertname for a in alerts) else []
    return " ".join([*named, *(words.code(v) for _, v in kept[:3])]) or words.title_of(alert.alertname)


def value_of(alert: Alert, unit: str) -> str:
    """Return the value of the last minute, of a call that is over the last bad one; empty for alerts without
    values, as those of composites are."""
    if alert.reason is Reason.NO_DATA:
        return words.NO_DATA
    value = alert.last_value if alert.value is None and alert.is_open else alert.value
    return words.known(value, unit)


def peak_word(alert: Alert) -> str:
    """Return the word for the worst value: where low is bad, it is the lowest."""
    return "Lowest" if low_is_bad(alert) else "Peak"


def low_is_bad(alert: Alert) -> bool:
    """An incident does not keep its rule's direction; a peak below the threshold tells it."""
    return alert.peak is not None and alert.threshold is not None and alert.peak < alert.threshold


def affected_users(affected: Affected, *, at_least: bool) -> str:
    """Return how many users are affected, with "at least" where Agora's answer was cut; empty for none."""
    how_many = len(affected.users)
    if not how_many:
        return ""
    return f"{'at least ' if at_least else ''}{words.count(how_many, 'user')}"


def alert_line(card: Card, alert: Alert) -> str:
    """Return one alert among those of its incident."""
    look = look_of_severity(alert.severity)
    unit = words.plain(card.trend.unit, 20) if card.trend and alert.alertname == card.lead.alertname else ""
    if not alert.is_open:
        peak = words.known(alert.peak, unit)
        worst = f", {peak_word(alert).lower()} {peak}" if peak else ""
        return f":white_check_mark: {place_of(alert, card.alerts)} resolved{worst}"
    hidden = card.covered_by.get(alert.id)
    state = " (recovering)" if alert.state is State.RECOVERING else ""
    quiet = f" (hidden by {words.plain(words.listed(hidden), 80)})" if hidden else ""
    value = f" {value_of(alert, unit)}".rstrip()
    return f"{look.emoji} {place_of(alert, card.alerts)}{value}{state}{quiet}"


def began_at(alerts: Sequence[Alert]) -> int:
    """Return when the present episode began: with the first alert before whose end the next ones fired."""
    began, over_at = 0, -math.inf
    for alert in sorted(alerts, key=_fired_at):
        began = alert.active_at if _fired_at(alert) > over_at else min(began, alert.active_at)
        over_at = max(over_at, math.inf if alert.resolved_at is None else alert.resolved_at)
    return began


def _fired_at(alert: Alert) -> int:
    return alert.active_at if alert.fired_at is None else alert.fired_at
