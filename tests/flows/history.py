"""A small history to try rules on: ten hours of two projects, with trouble at known times."""

from bot.model.catalog import POLLED_FEEDS, Feed
from bot.model.observation import CauseTag, DiagnosisEvent, FinishedCall, MetricPoint
from bot.rules import RuleSet, Source, load
from bot.store import Database, calls, observations

START = 1_793_512_800  # 2026-11-01 06:00 UTC
HOURS = 10
END = START + HOURS * 3600

RULES = """
version: 1
groups:
  - name: g
    query_offset: 2m
    rules:
      - alert: Freeze
        metric: {name: videoFreezeRate, aggregate: avg, window: 3m, op: ">",
                 thresholds: {warning: 5, critical: 10}, resolve_threshold: 4, min_samples: 2,
                 min_denominator: {metric: pcu, value: 20}}
        for: 2m
        keep_firing_for: 3m
        annotations: {summary: "Video freezes {{ value | pct }} of the time in {{ labels.project }}."}
      - alert: Sender
        events:
          window: 4m
          experience: {any_of: [video_freeze]}
          where: ['cname!="test"']
          per: host
          factors: {host: remote, any_of: [upstream_loss_video], none_of: [high_cpu]}
          count: {of: users, op: ">=", thresholds: {warning: 2, critical: 4}}
        by: [project, cname]
        keep_firing_for: 2m
      - alert: Unusual
        metric: {name: videoFreezeRate, aggregate: avg, window: 3m,
                 baseline: {offsets: [1d], window: 20m, method: robust_zscore, op: ">", threshold: 3.5,
                            min_history: 20, min_scale: 0.5}}
        keep_firing_for: 1m
      - alert: Outage
        composite: {all_of: [{alert: Freeze}], any_of: [{alert: Sender, state: pending}], within: 5m}
        keep_firing_for: 2m
        labels: {severity: critical}
      - alert: BadCall
        call: {name: call_video_freeze_rate, op: ">", thresholds: {warning: 10, critical: 25},
               min_duration: 3m, min_pcu: 2, where: ['cname!="test"']}
        by: [project, cname]
        keep_firing_for: 15m
      - alert: ManyBadCalls
        call: {name: call_video_freeze_rate, op: ">", threshold: 10, window: 30m,
               count: {of: calls, op: ">=", threshold: 2},
               share: {of: calls, over: finished_calls, op: ">=", threshold: 40, min_denominator: 3}}
        keep_firing_for: 5m
"""


def rules(text: str = RULES) -> RuleSet:
    """Return the rules of a text."""
    return load([Source(name="r.yml", text=text)])


def minute(hour: int, number: int) -> int:
    """Return the start of a minute of the day that the history is of."""
    return START + (hour - 6) * 3600 + number * 60


def freeze(project: str, at: int) -> float | None:
    """Return how much video froze in a minute: a hump at 09:00, a plateau at 13:00, a gap at 11:00."""
    if project == "games":
        return 7.0 if minute(6, 0) <= at < minute(6, 20) else 1.0
    if minute(11, 0) <= at < minute(11, 30):
        return None
    if minute(9, 0) <= at < minute(9, 20):
        return 14.0 - abs(minute(9, 10) - at) / 60
    return 6.0 if minute(13, 0) <= at < minute(13, 5) else 1.0


def save(database: Database) -> None:
    """Store the history of lessons, which has all feeds, and of games, of which no diagnosis is polled."""
    minutes, cut = range(START, END, 60), frozenset({minute(9, 6)})
    for project in ("lessons", "games"):
        points = [
            MetricPoint(metric=metric, minute=at, value=value)
            for at in minutes
            for metric, value in (("videoFreezeRate", freeze(project, at)), ("pcu", 120.0))
            if value is not None
        ]
        if project == "lessons":  # the day before was a quiet one
            points += [MetricPoint(metric="videoFreezeRate", minute=at - 86_400, value=1.0) for at in minutes]
        lacking = (Feed.DIAGNOSIS, Feed.CALLS) if project == "games" else ()
        feeds = [feed for feed in POLLED_FEEDS if feed not in lacking]
        with database.transaction() as tx:
            observations.save_points(tx, project, points, END)
            calls.save(tx, project, finished() if project == "lessons" else [], END)
            observations.save_events(tx, project, events() if project == "lessons" else [], END)
            for feed in feeds:
                whole = feed in (Feed.DIAGNOSIS, Feed.CALLS)
                known = [at for at in minutes if whole or freeze(project, at) is not None]
                observations.mark_known(
                    tx, project, feed, known, cut=cut if feed is Feed.DIAGNOSIS else frozenset()
                )
                observations.claim_poll(tx, project, feed, now=END, lease_s=0, since=START)
                observations.poll_succeeded(tx, project, feed, watermark=END, now=END)


def events() -> list[DiagnosisEvent]:
    """Return what the diagnosis says: at 09:05 user 77 spoils a room, and some that do not count."""
    told = [
        ("room-<1>", "1", 4, 21, "77", 5),
        ("room-<1>", "2", 4, 21, "77", 6),
        ("room-<1>", "3", 4, 21, "77", 6),
        ("room-<1>", "4", 4, 21, "77", 7),
        ("room-<1>", "5", 4, 21, "78", 7),
        ("room-<1>", "6", 5, 22, "77", 7),  # another experience
        ("room-<1>", "7", 4, 29, "", 7),  # blames nobody else
        ("room-<1>", "8", 4, 23, "79", 7),  # another cause
        ("room-<1>", "9", 4, 21, "80", 7),  # what is asked for,
        ("room-<1>", "9", 4, 10, "80", 6),  # and of the same user a cause that is refused
        ("test", "1", 4, 21, "77", 7),  # refused by where
        ("room-2", "1", 4, 21, "77", 7),  # another channel
    ]
    return [
        DiagnosisEvent(
            ts=minute(9, number) + 7,
            cname=cname,
            user=user,
            experience_id=experience,
            tags=(CauseTag(factor_id=factor, host_user=host),),
        )
        for cname, user, experience, factor, host, number in told
    ]


def finished() -> list[FinishedCall]:
    """Return the calls that were over: around 09:10 two bad ones, good ones, and some that do not count."""
    told = [
        ("room-<1>", 8, 40, 9, 10, 31.0, 4),
        ("room-2", 8, 50, 9, 15, 12.0, 9),
        ("room-3", 8, 50, 9, 12, 0.5, 3),
        ("room-4", 9, 14, 9, 15, 80.0, 3),  # too short
        ("room-5", 8, 50, 9, 15, 80.0, 1),  # with too few users
        ("test", 8, 50, 9, 15, 80.0, 5),  # refused by where
        ("room-6", 12, 0, 12, 30, 1.0, 5),
    ]
    return [
        FinishedCall(
            call_id=f"call-{number}",
            cname=cname,
            created_ts=minute(*began),
            destroyed_ts=minute(*ended) + 20,
            video_freeze_rate=rate,
            pcu=pcu,
        )
        for number, (cname, *times, rate, pcu) in enumerate(told)
        for began, ended in [(times[:2], times[2:])]
    ]
