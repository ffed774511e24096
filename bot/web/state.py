"""What web and worker share, as metrics read from the database."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.flows.rulebook import NOTE
from bot.store import Database, DatabaseUnavailable, alerts, ledger, notes, observations, outbox


def shared_state(database: Database, now: float) -> CollectorRegistry:
    """Return a registry that reads the database when it is collected."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_SharedState(database, now))
    return registry


class _SharedState(Collector):
    def __init__(self, database: Database, now: float) -> None:
        self._database = database
        self._now = now

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        up = GaugeMetricFamily("agora_bot_database_up", "Whether the database answers")
        try:
            found = list(self._read())
        except DatabaseUnavailable:
            up.add_metric([], 0)
            return [up]
        up.add_metric([], 1)
        return [up, *found]

    def _read(self) -> Iterable[Metric]:
        with self._database.transaction() as tx:
            note = notes.get(tx, NOTE)
            states = observations.feed_states(tx)
            used = ledger.used_today(tx, self._now)
            by_state = alerts.count_by_state(tx)
            waiting, failing = outbox.backlog(tx)
        good = GaugeMetricFamily(
            "agora_bot_rules_last_load_ok", "Whether the rule files are in force as they are"
        )
        loaded = GaugeMetricFamily(
            "agora_bot_rules_last_load_timestamp_seconds", "When the rule files were last read"
        )
        if note is not None:
            good.add_metric([], 0 if note["problems"] else 1)
            if "loaded_at" in note:  # a worker of an earlier version did not say
                loaded.add_metric([], note["loaded_at"])
        delay = GaugeMetricFamily(
            "agora_bot_feed_delay_seconds", "Age of the last complete minute", labels=["project", "feed"]
        )
        failed = GaugeMetricFamily(
            "agora_bot_feed_failing", "Whether the last poll failed", labels=["project", "feed"]
        )
        for state in states:
            delay.add_metric([state.project, state.feed.value], self._now - state.watermark)
            failed.add_metric([state.project, state.feed.value], 1 if state.error else 0)
        spent = GaugeMetricFamily(
            "agora_bot_quota_used", "Requests of this UTC day", labels=["account", "endpoint"]
        )
        limit = GaugeMetricFamily(
            "agora_bot_quota_limit", "Requests allowed a day", labels=["account", "endpoint"]
        )
        for use in used:
            spent.add_metric([use.account, use.endpoint], use.used)
            limit.add_metric([use.account, use.endpoint], use.limit)
        open_now = GaugeMetricFamily("agora_bot_incidents", "Open incidents by state", labels=["state"])
        for name, count in by_state.items():
            open_now.add_metric([name], count)
        queue = GaugeMetricFamily("agora_bot_outbox", "Messages that wait to be delivered", labels=["state"])
        queue.add_metric(["waiting"], waiting)
        queue.add_metric(["failing"], failing)
        return [good, loaded, delay, failed, spent, limit, open_now, queue]
