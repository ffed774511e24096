"""A backtest as JSON. Names are stable: what is added later leaves them as they are."""

import json
from typing import Any

from bot.model.backtest import Backtest, Comparison, Fired, Judged, Stretch, Told
from bot.render import backtest_words as say
from bot.render import words

VERSION = 1


def as_json(found: Backtest) -> str:
    """Return the whole answer as one JSON object; instants are UTC text, spans whole seconds."""
    values = {
        "version": VERSION,
        "rules_dir": found.folder,
        "from": _instant(found.start),
        "to": _instant(found.end),
        "projects": list(found.projects),
        "rules": found.rules,
        "summary": say.headline(found),
        "notes": list(found.notes),
        "fired": [_fired(one, found.end) for one in found.fired],
        "known": [_judged(one) for one in found.judged],
        "compared": _compared(found.comparison, found.end) if found.comparison else None,
    }
    return json.dumps(values, indent=2, allow_nan=False) + "\n"


def _instant(at: int | None) -> str | None:
    return words.utc(at, "%Y-%m-%dT%H:%M:%SZ") if at is not None else None


def _fired(one: Fired, end: int) -> dict[str, Any]:
    return {
        "alert": one.alert,
        "project": one.project,
        "labels": dict(one.labels),
        "severity": one.severity.word,
        "active_at": _instant(one.active_at),
        "fired_at": _instant(one.fired_at),
        "resolved_at": _instant(one.resolved_at),
        "firing_s": one.lasted_s(end),
        "reason": one.reason.value if one.reason else None,
        "peak": one.peak,
        "threshold": one.threshold,
        "unit": one.unit,
        "at_least": one.at_least,
        "began_before": one.from_start,
        "phases": [_stretch(stretch) for stretch in one.stretches],
        "messages": [_told(message) for message in one.messages],
    }


def _stretch(stretch: Stretch) -> dict[str, Any]:
    return {
        "from": _instant(stretch.start),
        "to": _instant(stretch.end),
        "phase": stretch.phase,
        "severity": stretch.severity.word,
    }


def _told(message: Told) -> dict[str, Any]:
    return {
        "kind": message.kind.value,
        "minute": _instant(message.at),
        "sent_at": _instant(message.sent_at),
        "channel": message.channel,
        "severity": message.severity.word,
        "text": message.text,
        "summary": message.summary,
    }


def _judged(one: Judged) -> dict[str, Any]:
    return {
        "alert": one.alert,
        "minutes": one.minutes,
        "known_minutes": one.known,
        "blind": [{"project": project, "missing": missing} for project, missing in one.blind],
    }


def _compared(comparison: Comparison, end: int) -> dict[str, Any]:
    return {
        "rules_dir": comparison.folder,
        "same": comparison.same,
        "rules_only_here": list(comparison.only_here),
        "rules_only_there": list(comparison.only_there),
        "differences": [
            {
                "here": _fired(d.here, end) if d.here else None,
                "there": _fired(d.there, end) if d.there else None,
            }
            for d in comparison.differences
        ],
    }
