"""What the value of a rule is about, in words and with its unit."""

from dataclasses import dataclass

from bot.model.catalog import CALL_FIELDS, METRICS
from bot.rules import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """``title`` says what is measured or counted; ``unit`` is ``%``, ``s`` or empty for a count."""

    title: str
    unit: str = ""


def subject(rule: Rule) -> Subject:
    """Return what the value of a rule's verdicts is; a composite, which has none, is its name."""
    if rule.metric:
        metric = METRICS.get(rule.metric.name)
        return Subject(title=metric.title, unit=metric.unit) if metric else Subject(title=rule.metric.name)
    if rule.events:
        counted = rule.events.count or rule.events.share
        unit = "%" if rule.events.share and not rule.events.count else ""
        return Subject(title=f"Affected {counted.of}" if counted else rule.name, unit=unit)
    if rule.call and rule.call.window_s is None:
        field = CALL_FIELDS[rule.call.name]
        return Subject(title=field.title, unit=field.unit)
    if rule.call and rule.call.count is None:
        return Subject(title="Share of bad calls", unit="%")
    if rule.call and rule.call.count:
        return Subject(title="Bad calls" if rule.call.count.of == "calls" else "Channels with bad calls")
    return Subject(title=rule.name)
