"""Alerts that were told, for tests of what comes after."""

from collections.abc import Sequence
from dataclasses import replace

from bot.flows.correlate import Rulebook
from bot.flows.routes import Routes
from bot.model.alert import Alert
from bot.model.incident import Incident, MessageKind, Telling
from bot.model.verdict import labels
from bot.rules import RuleSet
from bot.rules.problems import Source
from bot.rules.routing import DEFAULT, load_routing
from bot.store import Database, Transaction, alerts, incidents, outbox

TARGET = "slack:"
AT_ONCE = DEFAULT.replace("group_wait: 30s", "group_wait: 0s")


def book(rules: RuleSet, routing: str = AT_ONCE) -> Rulebook:
    """Return rules with routes that tell at once."""
    return Rulebook(rules=rules, routes=Routes(spec=load_routing(Source("routing.yml", routing))))


def told(tx: Transaction, alert: Alert, targets: Sequence[str] = (TARGET,)) -> incidents.Stored:
    """Store an alert that fires, in an incident whose opening was queued."""
    stored = alerts.save(tx, replace(alert, fired_at=alert.fired_at or alert.active_at))
    begun = Incident(
        group=labels(alertname=alert.alertname, fingerprint=alert.fingerprint),
        opened_at=stored.fired_at or 0,
        episode_at=stored.fired_at or 0,
    )
    incident = incidents.save(tx, begun, None)
    incidents.add_members(tx, [(incident.id, stored.id)])
    incidents.tell(
        tx,
        incident.id,
        [
            Telling(
                target=target,
                receiver="slack",
                episode=1,
                is_open=True,
                told=frozenset({stored.id}),
                severity=stored.severity,
            )
            for target in targets
        ],
    )
    found = incidents.find(tx, incident.id)
    assert found is not None
    return found


def queued(database: Database) -> list[MessageKind]:
    """Take everything out of the outbox, in the order in which it would be sent; return the kinds."""
    kinds = []
    with database.transaction() as tx:
        while message := outbox.claim(tx, "slack", "w", wall=1e12, lease_s=1):
            kinds.append(message.kind)
            outbox.delivered(tx, message, "w")
    return kinds
