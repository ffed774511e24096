"""Twenty alerts on metrics, each written twice: as a rule of ours and in PromQL.

Thresholds lie between the steps of the data (two decimals), so that the last bit of a mean decides nothing.
PromQL of version 2 counts a sample at either end of its range, so that ten minutes of ours are ``[599s]``.
"""

from dataclasses import dataclass

from bot.rules import RuleSet, Source, load

_AGGREGATES = {
    "avg": "avg_over_time({series})",
    "max": "max_over_time({series})",
    "min": "min_over_time({series})",
    "p90": "quantile_over_time(0.9, {series})",
    "p95": "quantile_over_time(0.95, {series})",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """One alert; ``users`` are those below which the project is too small to mean anything (0: never)."""

    name: str
    metric: str
    aggregate: str
    minutes: int
    op: str
    threshold: float
    for_min: int
    keep_min: int
    users: int = 0

    def ours(self) -> str:
        """Return the rule as an item of a rule file."""
        guard = f", min_denominator: {{metric: pcu, value: {self.users}}}" if self.users else ""
        return (
            f"      - alert: {self.name}\n"
            f"        metric: {{name: {self.metric}, aggregate: {self.aggregate}, window: {self.minutes}m, "
            f'op: "{self.op}", threshold: {self.threshold}, min_samples: 1{guard}}}\n'
            f"        for: {self.for_min}m\n"
            f"        keep_firing_for: {self.keep_min}m\n"
            f'        annotations: {{summary: "{self.name} in {{{{ labels.project }}}}"}}\n'
        )

    def theirs(self) -> str:
        """Return the rule as an item of a Prometheus rule group."""
        return (
            f"      - alert: {self.name}\n"
            f"        expr: {self.promql()}\n"
            f"        for: {self.for_min}m\n"
            f"        keep_firing_for: {self.keep_min}m\n"
            f'        annotations: {{summary: "{self.name} in {{{{ $labels.project }}}}"}}\n'
        )

    def promql(self) -> str:
        """Return the expression."""
        expression = f"{self._over(self.aggregate, self.metric)} {self.op} {self.threshold}"
        return f"{expression} and {self._over('avg', 'pcu')} >= {self.users}" if self.users else expression

    def _over(self, aggregate: str, metric: str) -> str:
        return _AGGREGATES[aggregate].format(series=f"{metric}[{self.minutes * 60 - 1}s]")


def _twin(
    name: str, metric: str, aggregate: str, minutes: int, op: str, threshold: float, *rest: int
) -> Twin:
    for_min, keep_min, users = (*rest, 0)[:3]
    return Twin(
        name=name,
        metric=metric,
        aggregate=aggregate,
        minutes=minutes,
        op=op,
        threshold=threshold,
        for_min=for_min,
        keep_min=keep_min,
        users=users,
    )


TWINS = (
    _twin("VideoFreeze", "videoFreezeRate", "avg", 5, ">", 6.00317, 2, 5),
    _twin("VideoFreezeHigh", "videoFreezeRate", "avg", 5, ">", 12.00317, 1, 5),
    _twin("VideoFreezeLong", "videoFreezeRate", "min", 10, ">", 4.00317, 0, 10),
    _twin("VideoFreezePeaks", "videoFreezeRate", "p90", 15, ">", 10.00317, 3, 10),
    _twin("VideoFreezeMany", "videoFreezeRate", "avg", 10, ">", 5.00317, 2, 5, 60),
    _twin("AudioFreeze", "audioFreezeRate", "avg", 5, ">", 4.00317, 2, 5),
    _twin("AudioFreezeHigh", "audioFreezeRate", "max", 3, ">", 9.00317, 1, 3),
    _twin("AudioFreezePeaks", "audioFreezeRate", "p95", 10, ">", 7.00317, 2, 10),
    _twin("AudioFreezeMany", "audioFreezeRate", "avg", 10, ">", 3.00317, 2, 5, 60),
    _twin("JoinFailures", "joinSuccessRate", "avg", 5, "<", 95.00317, 3, 5),
    _twin("JoinFailuresHigh", "joinSuccessRate", "avg", 5, "<", 90.00317, 1, 5),
    _twin("JoinFailuresLong", "joinSuccessRate", "max", 10, "<", 97.00317, 0, 10),
    _twin("JoinSlow", "joinSuccess5SecsRate", "avg", 10, "<", 88.00317, 5, 10),
    _twin("JoinSlowMany", "joinSuccess5SecsRate", "avg", 10, "<", 90.00317, 3, 5, 60),
    _twin("Delay", "networkDelay", "avg", 5, ">", 8.00317, 2, 5),
    _twin("DelayPeaks", "networkDelay", "p95", 15, ">", 15.00317, 3, 10),
    _twin("DelayLong", "networkDelay", "min", 10, ">", 5.00317, 0, 15),
    _twin("Uplink", "videoUpstreamExcellentTransRate", "avg", 5, "<", 85.00317, 3, 5),
    _twin("UplinkLow", "videoUpstreamExcellentTransRate", "min", 3, "<", 70.00317, 1, 5),
    _twin("UplinkMany", "videoUpstreamExcellentTransRate", "avg", 15, "<", 88.00317, 5, 10, 60),
)


def our_rules() -> RuleSet:
    """Return the twins as the bot reads them."""
    items = "".join(twin.ours() for twin in TWINS)
    text = f"version: 1\ngroups:\n  - name: twins\n    rules:\n{items}"
    return load([Source(name="twins.yml", text=text)])


def their_rules() -> str:
    """Return the twins as a Prometheus rule file."""
    items = "".join(twin.theirs() for twin in TWINS)
    return f"groups:\n  - name: twins\n    interval: 1m\n    rules:\n{items}"
