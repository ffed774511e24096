"""Twenty alerts on causes, and a stream of diagnosis events for them: background noise and outbreaks."""

from dataclasses import dataclass

import numpy as np

from bot.flows.replay import Needs
from bot.model.catalog import FACTORS, Feed
from bot.model.observation import NOBODY, Codes, Coverage, Events, Ints, Observations
from bot.model.time import HOUR_S, MINUTE_S
from bot.rules import RuleSet, Source, load

BEGINS = 20_000 * 24 * HOUR_S
PROJECTS = tuple(f"p{n}" for n in range(20))
CHANNELS, USERS = 200, 2000
EVENTS_AN_HOUR = 20_000
OUTBREAKS_AN_HOUR = 20
IN_OUTBREAK = 40
_TEXTS = (*(f"room-{n}" for n in range(CHANNELS)), *(str(1000 + n) for n in range(USERS)))
_FACTORS = np.array(sorted(FACTORS), dtype=np.int32)

_CHOICES = (
    "any_of: [weak_wifi]",
    "any_of: [high_cpu, device_busy]",
    "any_of: [upstream_loss_video]",
    "any_of: [upstream_loss_audio]",
    "any_of: [upstream_latency_video, upstream_jitter_video]",
    "any_of: [upstream_latency_audio, upstream_jitter_audio]",
    "any_of: [downstream_loss_video, downstream_loss_audio]",
    "any_of: [downstream_latency_video, downstream_latency_audio]",
    "any_of: [downstream_jitter_video, downstream_jitter_audio]",
    "any_of: [join_invalid_token, join_expired_token]",
    "any_of: [join_invalid_app_id, join_invalid_channel_name]",
    "any_of: [join_intercepted, join_timeout]",
    "any_of: [reconnect_network_lost, reconnect_timeout]",
    "any_of: [reconnect_ip_change, reconnect_proxy]",
    "any_of: [audio_sending_stopped, video_sending_stopped]",
    "any_of: [connection_failure]",
    "host: remote, any_of: [upstream_loss_video, upstream_loss_audio]",
    "host: remote, any_of: [weak_wifi, high_cpu]",
    "host: local, any_of: [weak_wifi, high_cpu], none_of: [banned_by_admin]",
    "any_of: [upstream_loss_video, downstream_loss_video], none_of: [weak_wifi]",
)


def cause_rules() -> RuleSet:
    """Return rules on distinct users by channel, in windows of ten minutes."""
    items = "".join(_item(number, factors) for number, factors in enumerate(_CHOICES))
    return load(
        [Source(name="causes.yml", text=f"version: 1\ngroups:\n  - name: causes\n    rules:\n{items}")]
    )


def _item(number: int, factors: str) -> str:
    return (
        f"      - alert: Cause{number}\n"
        f"        events: {{window: 10m, factors: {{{factors}}}, "
        'count: {of: users, op: ">=", thresholds: {warning: 5, critical: 12}}}\n'
        "        by: [project, cname]\n"
        "        keep_firing_for: 5m\n"
        '        annotations: {summary: "{{ value | number }} users in {{ labels.cname }}"}\n'
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """As many events as asked for, made hour by hour when somebody looks, the same each time."""

    events: int

    @property
    def end(self) -> int:
        return BEGINS + -(-self.events // EVENTS_AN_HOUR) * HOUR_S

    def read(self, needs: Needs) -> Observations:
        """Return what the judge has to see."""
        hours = range((needs.start - BEGINS) // HOUR_S, -((BEGINS - needs.end) // HOUR_S))
        return Observations(
            projects=PROJECTS,
            start=needs.start,
            end=needs.end,
            events=_joined([self._hour(hour) for hour in hours if hour >= 0]),
            coverage={Feed.DIAGNOSIS: Coverage.of((), whole=range(len(PROJECTS)))},
        )

    def _hour(self, hour: int) -> Events:
        random = np.random.default_rng(hour)
        outbreaks = OUTBREAKS_AN_HOUR * IN_OUTBREAK
        usual = max(0, min(EVENTS_AN_HOUR, self.events - hour * EVENTS_AN_HOUR) - outbreaks)
        which = np.concatenate((np.full(usual, NOBODY), np.repeat(np.arange(OUTBREAKS_AN_HOUR), IN_OUTBREAK)))
        size = len(which)
        ts = random.integers(0, HOUR_S, size)
        ill = which != NOBODY
        started = random.integers(0, HOUR_S - 10 * MINUTE_S, OUTBREAKS_AN_HOUR)
        ts[ill] = started[which[ill]] + random.integers(0, 10 * MINUTE_S, int(ill.sum()))
        columns = {
            "project": _shared(random, which, random.integers(0, len(PROJECTS), size)),
            "cname": _shared(random, which, random.integers(0, CHANNELS, size)),
            "factor": _shared(random, which, _FACTORS[random.integers(0, len(_FACTORS), size)]),
        }
        order = np.argsort(ts, kind="stable")
        return _events(random, BEGINS + hour * HOUR_S + ts[order], {k: v[order] for k, v in columns.items()})


def _shared(random: np.random.Generator, which: Ints, values: Ints | Codes) -> Codes:
    """Return values with one of them for each outbreak."""
    ill = which != NOBODY
    values[ill] = values[random.integers(0, len(values), OUTBREAKS_AN_HOUR)][which[ill]]
    return values.astype(np.int32)


def _events(random: np.random.Generator, ts: Ints, columns: dict[str, Codes]) -> Events:
    size = len(ts)
    factors = np.full((size, 3), NOBODY, dtype=np.int32)
    factors[:, 0] = columns["factor"]
    for column, share in ((1, 0.4), (2, 0.15)):
        more = random.random(size) < share
        factors[more, column] = _FACTORS[random.integers(0, len(_FACTORS), int(more.sum()))]
    hosts = np.full((size, 3), NOBODY, dtype=np.int32)
    remote = (random.random((size, 3)) < 0.3) & (factors != NOBODY)
    hosts[remote] = CHANNELS + random.integers(0, USERS, int(remote.sum()))
    return Events(
        texts=_TEXTS,
        project=columns["project"],
        ts=ts,
        cname=columns["cname"],
        user=(CHANNELS + random.integers(0, USERS, size)).astype(np.int32),
        experience=random.choice(np.array([4, 5, 6], dtype=np.int32), size),
        factors=factors,
        hosts=hosts,
        late={},
    )


def _joined(parts: list[Events]) -> Events:
    if len(parts) == 1:
        return parts[0]
    names = ("project", "ts", "cname", "user", "experience", "factors", "hosts")
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return Events(texts=_TEXTS, late={}, **columns)
