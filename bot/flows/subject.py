"""What the value of a rule is about, in words and with its unit."""

from dataclasses import dataclass

from bot.model.catalog import METRICS
from bot.rules import Rule

_OF_CALLS = {
    "call_video_freeze_rate": ("Video freeze of a call", "%"),
    "call_audio_freeze_rate": ("Audio freeze of a call", "%"),
    "call_pcu": ("Users of a call at once", ""),
    "call_acu": ("Users of a call on average", ""),
    "call_duration": ("Duration of a call", "s"),
}


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
        title, unit = _OF_CALLS[rule.call.name]
        return Subject(title=title, unit=unit)
    if rule.call:
        many = rule.call.count.of if rule.call.count else "calls"
        return Subject(title=f"Bad {many}", unit="" if rule.call.count else "%")
    return Subject(title=rule.name)
