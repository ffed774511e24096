"""A diagnosis as one line of JSON, for programs. Keys are added, never renamed or taken away."""

import json
from typing import Any

from bot.model.diagnosis import Cause, Diagnosis, Evidence, Explained, Trouble


def as_json(name: str, found: Diagnosis) -> str:
    """Return the diagnosis of the call ``name`` without a line break."""
    whole = {
        "call": name,
        "verdict": found.verdict.value,
        "headline": found.headline,
        "incidents": [_trouble(one) for one in found.incidents],
        "events": [_event(one) for one in found.events],
        "assumptions": list(found.assumptions),
    }
    return json.dumps(whole, ensure_ascii=False, allow_nan=False)


def _trouble(one: Trouble) -> dict[str, Any]:
    return {
        "start": one.start,
        "end": one.end,
        "media": one.media.value,
        "scope": one.scope.value,
        "causes": [_cause(cause) for cause in one.causes],
    }


def _cause(one: Cause) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "uid": one.uid,
        "confidence": one.confidence,
        "evidence": [_evidence(each) for each in one.evidence],
        "against": [{"text": line} for line in (*one.against, *one.missing)],
    }


def _evidence(one: Evidence) -> dict[str, Any]:
    return {
        "mid": one.mid,
        "uid": one.uid,
        "peer": one.peer,
        "value": one.value,
        "baseline": one.baseline,
        "threshold": one.threshold,
        "source": one.source,
        "text": one.text,
    }


def _event(one: Explained) -> dict[str, Any]:
    return {"kind": one.kind.value, "uid": one.uid, "peer": one.peer, "start": one.start, "end": one.end}
