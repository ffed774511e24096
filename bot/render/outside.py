"""An incident in the words of other programs: Alertmanager's webhook (version 4) and PagerDuty's Events API
v2.

Sources: prometheus.io/docs/alerting/latest/configuration/#webhook_config (the body and its names),
developer.pagerduty.com/docs/events-api-v2 (event_action, dedup_key, payload and their limits).
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.model.alert import Alert
from bot.model.incident import Card, MessageKind
from bot.render import words
from bot.render.alert_words import in_order, value_of
from bot.render.incident_view import title_of

SUMMARY_MAX = 1024
"""PagerDuty's limit of a summary."""
DETAILS_SHOWN = 20
DETAIL_MAX = 500
"""Together that stays far below the 512 KB that PagerDuty takes."""
_NEVER = "0001-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A finished request."""

    body: bytes
    headers: Mapping[str, str]


def webhook_post(
    card: Card,
    kind: MessageKind,
    *,
    receiver: str,
    key: str,
    max_alerts: int | None,
    secret: str,
    now: int,
) -> Outgoing:
    """Return the request of a webhook. ``key`` is the same for every try of one message; with a ``secret``
    the body is signed together with the time (HMAC-SHA256 of ``<seconds>.<body>``)."""
    alerts = in_order(card.alerts)
    shown = alerts[:max_alerts] if max_alerts else alerts
    body = {
        "version": "4",
        "groupKey": "{" + ", ".join(f"{name}={_quoted(value)}" for name, value in card.incident.group) + "}",
        "truncatedAlerts": len(alerts) - len(shown),
        "status": "firing" if any(alert.is_open for alert in alerts) else "resolved",
        "receiver": receiver,
        "groupLabels": dict(card.incident.group),
        "commonLabels": _common([_labels(alert) for alert in alerts]),
        "commonAnnotations": _common([dict(alert.annotations) for alert in alerts]),
        "externalURL": "",
        "alerts": [_alert(alert) for alert in shown],
        "incident": {"id": card.incident.id, "episode": card.incident.episode, "event": kind.value},
    }
    raw = _encoded(body)
    headers = {"Content-Type": "application/json", "User-Agent": "agora-bot", "Idempotency-Key": key}
    if secret:
        signed = hmac.new(secret.encode(), f"{now}.".encode() + raw, hashlib.sha256).hexdigest()
        headers |= {"X-Agora-Bot-Timestamp": str(now), "X-Agora-Bot-Signature": f"sha256={signed}"}
    return Outgoing(body=raw, headers=headers)


_ACTIONS = {
    MessageKind.OPENING: "trigger",
    MessageKind.REOPENING: "trigger",
    MessageKind.ESCALATION: "trigger",
    MessageKind.ROSE: "trigger",
    MessageKind.MEMBERS: "trigger",
    MessageKind.ACKNOWLEDGED: "acknowledge",
    MessageKind.RESOLVED: "resolve",
}


def pagerduty_event(card: Card, kind: MessageKind, *, routing_key: str, key: str) -> Outgoing | None:
    """Return the event of a message, None for one that PagerDuty has no word for: it reminds and escalates by
    itself. Events of one incident carry one ``key``."""
    action = _ACTIONS.get(kind)
    if action is None:
        return None
    body: dict[str, Any] = {"routing_key": routing_key, "event_action": action, "dedup_key": key}
    if action == "trigger":
        body |= {"payload": _payload(card), "client": "agora-bot"}
    return Outgoing(body=_encoded(body), headers={"Content-Type": "application/json"})


def _payload(card: Card) -> dict[str, Any]:
    lead = card.lead
    place = lead.label("cname") or lead.project
    summary = lead.annotations.get("summary", "") or value_of(lead, "")
    return {
        "summary": words.clean(f"{title_of(card)} in {place}{': ' if summary else ''}{summary}", SUMMARY_MAX),
        "source": words.clean(lead.project or "agora-bot", 255),
        "severity": lead.severity.word,
        "timestamp": _instant(lead.fired_at),
        "group": lead.alertname,
        "class": lead.alertname,
        "custom_details": {
            "incident": card.incident.id,
            "episode": card.incident.episode,
            "threshold": lead.threshold,
            "peak": lead.peak,
            "users": [_short(user) for user in lead.affected.users[:DETAILS_SHOWN]],
            "channels": [_short(channel) for channel in lead.affected.channels[:DETAILS_SHOWN]],
            "alerts": [
                {"labels": _each_short(_labels(alert)), "value": alert.value}
                for alert in in_order(card.alerts)[:DETAILS_SHOWN]
            ],
            "annotations": _each_short(lead.annotations),
        },
    }


def _short(text: str) -> str:
    return words.clean(text, DETAIL_MAX)


def _each_short(texts: Mapping[str, str]) -> dict[str, str]:
    return {_short(name): _short(text) for name, text in texts.items()}


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "status": "firing" if alert.is_open else "resolved",
        "labels": _labels(alert),
        "annotations": dict(alert.annotations),
        "startsAt": _instant(alert.fired_at),
        "endsAt": _instant(alert.resolved_at),
        "generatorURL": "",
        "fingerprint": alert.fingerprint,
    }


def _labels(alert: Alert) -> dict[str, str]:
    return {**dict(alert.labels), "alertname": alert.alertname, "severity": alert.severity.word}


def _common(each: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return what all mappings share."""
    first, *others = each
    return {name: value for name, value in first.items() if all(o.get(name) == value for o in others)}


def _instant(seconds: int | None) -> str:
    if seconds is None:
        return _NEVER
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _encoded(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=True, separators=(",", ":")).encode()
