"""A sample of every message, for trying templates before they are needed."""

from dataclasses import replace

import numpy as np

from bot.model.alert import Alert, State
from bot.model.call import Call, CallDetails, CallSearch, Series, Session
from bot.model.catalog import POLLED_FEEDS, Feed
from bot.model.diagnosis import (
    CallVerdict,
    Cause,
    CauseKind,
    DataQuality,
    Diagnosis,
    Evidence,
    Level,
    Media,
    Pictures,
    Scene,
    Scope,
    Stretch,
    Strip,
    Trouble,
)
from bot.model.explanation import Check, Explanation, Holds, Row
from bot.model.feedback import Told, Verdict
from bot.model.incident import Card, Incident, Line, MessageKind
from bot.model.live import Live, LiveMetric
from bot.model.message import Trend
from bot.model.observation import CauseTag, DiagnosisEvent
from bot.model.pause import Pause
from bot.model.person import Person
from bot.model.quota import QuotaUse
from bot.model.rule_state import RuleState
from bot.model.silence import Silence
from bot.model.status import FeedStatus, Status, Waiting
from bot.model.storm import Storm, StormRow
from bot.model.time import Window
from bot.model.usage import UsageDay
from bot.model.verdict import Affected, Outcome, Severity, labels
from bot.render.incidents_view import IncidentListing
from bot.render.list_view import CallListing

NOW = 1_795_428_840

FIRING = Alert(
    id=42,
    version=3,
    fingerprint="0123456789abcdef",
    project="demo",
    alertname="OneSenderHurtsChannel",
    labels=labels(project="demo", cname="lesson-algebra-7b", host="44361248"),
    state=State.FIRING,
    severity=Severity.CRITICAL,
    active_at=NOW - 840,
    fired_at=NOW - 660,
    judged_at=NOW - 60,
    value=12.34,
    threshold=10.0,
    peak=14.2,
    at_least=True,
    affected=Affected(
        events=15,
        users=tuple(str(2000 + n) for n in range(12)),
        channels=("lesson-algebra-7b",),
        hosts=("44361248",),
        factors=((21, 12), (29, 3)),
        experiences=((4, 15),),
    ),
    annotations={
        "summary": "12.3 % of the video in this channel freezes.",
        "description": "Ask the sender to move closer to the router.",
        "runbook_url": "https://runbooks.example/one-sender?from=slack&x=1",
    },
)

TREND = Trend(
    title="Video freeze",
    unit="%",
    points=tuple((NOW - 60 * n, 4.0 + (n * 7 % 11)) for n in range(60, 0, -1)),
    threshold=10.0,
)

INCIDENT = Incident(
    id=7,
    version=3,
    group=labels(project="demo", alertname="OneSenderHurtsChannel"),
    opened_at=NOW - 660,
    episode_at=NOW - 600,
)
CARD = Card(incident=INCIDENT, alerts=(FIRING,), lead=FIRING, trend=TREND)
_BARE = replace(FIRING, affected=replace(FIRING.affected, users=()), annotations={}, labels=(), value=None)
BARE = Card(incident=INCIDENT, alerts=(_BARE,), lead=_BARE)
_OVER = replace(FIRING, state=State.RESOLVED, resolved_at=NOW, value=2.1)
RESOLVED = Card(incident=replace(INCIDENT, resolved_at=NOW), alerts=(_OVER,), lead=_OVER, trend=TREND)
_OTHER = replace(FIRING, id=43, labels=labels(project="demo", cname="lesson-2"), severity=Severity.WARNING)
SEVERAL = replace(
    CARD, alerts=(FIRING, _OTHER, replace(_OVER, id=44, labels=labels(project="demo", cname="l3")))
)
_QUIET = Silence(
    id=3,
    matchers=('alertname="OneSenderHurtsChannel"', 'project=~"demo.+"'),
    starts_at=NOW - 600,
    ends_at=NOW + 6600,
    author="U012ABCDEF",
    comment="maintenance of the studio",
)
SILENCES: tuple[tuple[Silence, int | None], ...] = (
    (_QUIET, 2),
    (replace(_QUIET, id=4, starts_at=NOW + 3600, author="ada"), None),
)
HIDDEN = replace(CARD, covered_by={FIRING.id: ("FeedStale", "silence 3")}, silences=(_QUIET,), flaps=6)
CARDS = (CARD, BARE, RESOLVED, SEVERAL, HIDDEN)

TOLD = Told(
    verdict=Verdict(
        project="demo",
        call_id="8f2c71d09be44a1c",
        verdict="bad",
        kind="uplink_loss",
        uid="44361248",
        confidence=0.91,
    ),
    cname="lesson-algebra-7b",
    headline="Video of 44361248 was bad for 3 others: uplink loss at 44361248",
)

LINES = tuple(
    Line(
        kind=kind,
        at=NOW,
        severity=Severity.CRITICAL,
        value=12.34,
        joined=(42, 43),
        left=(44,),
        actor="U012ABCDEF",
        until=NOW + 3600,
        about="U045GHIJKL" if kind is MessageKind.ASSIGNED else "8f2c71d09be44a1c",
        told=TOLD if kind is MessageKind.VERDICT else None,
    )
    for kind in MessageKind
    if kind is not MessageKind.EDIT
)

INCIDENTS = IncidentListing(
    cards=(CARD, SEVERAL, RESOLVED, HIDDEN), total=19, since=NOW - 7 * 86_400, first_page=True, below=41
)
NO_INCIDENTS = IncidentListing(cards=(), total=0, since=None, first_page=True, below=None)

_WATCHING = RuleState(
    name="VideoFreezeHigh",
    severity=Severity.WARNING,
    asks="average video freeze rate over 5 min above 5 %, for 3 min",
    enabled=True,
    pause=None,
    blind="",
    judged_until=NOW - 240,
    firing=0,
)
RULES = (
    _WATCHING,
    replace(_WATCHING, name="OneSenderHurtsChannel", severity=Severity.CRITICAL, firing=2),
    replace(
        _WATCHING,
        name="JoinSlow",
        pause=Pause(
            alert="JoinSlow", starts_at=NOW - 60, ends_at=NOW + 7140, author="U012ABCDEF", reason="load test"
        ),
    ),
    replace(_WATCHING, name="WeakWifi", blind="the current API has no live diagnosis", judged_until=None),
    replace(_WATCHING, name="HighCpu", enabled=False),
)
EXPLANATION = Explanation(
    alert="VideoFreezeHigh",
    labels=labels(project="demo"),
    at=NOW - 60,
    sampled="video freeze rate in %",
    samples=(),
    rule="VideoFreezeHigh: average video freeze rate over 5 min above 5 %",
    answer="VideoFreezeHigh does not fire in demo at 10:14 UTC: 3.2 % is not above 5 %.",
    unit="%",
    notes=("The rule was changed since.",),
    checks=(
        Check(name="samples", holds=Holds.YES, seen="5", wanted="at least 3"),
        Check(name="average", holds=Holds.NO, seen="3.2 %", wanted="above 5 %"),
        Check(name="users", holds=Holds.UNKNOWN, seen="nothing"),
        Check(name="project", holds=Holds.TOLD, seen="demo"),
    ),
    clocks=("not pending",),
    rows=(
        Row(
            minute=NOW - 60,
            value=3.2,
            threshold=5.0,
            samples=5,
            outcome=Outcome.MISS,
            severity=None,
            state="inactive",
        ),
    ),
)

STATUS = Status(
    feeds=[
        FeedStatus(project="demo", feed=feed, delay_s=140.0, asked=60, known=60, cut=0, error=None)
        for feed in POLLED_FEEDS
    ]
    + [
        FeedStatus(
            project="school-eu",
            feed=Feed.DIAGNOSIS,
            delay_s=1500.0,
            asked=60,
            known=41,
            cut=7,
            error="HTTP 500",
        ),
        FeedStatus(project="school-eu", feed=Feed.CALLS, delay_s=None, asked=60, known=0, cut=0, error=None),
    ],
    spent=[
        QuotaUse(account="agora", endpoint="live/diagnosis", used=412, limit=1000),
        QuotaUse(account="agora", endpoint="call/lists", used=1000, limit=1000),
    ],
    resets_in_s=8 * 3600 + 120,
    waiting=[Waiting(service="Slack", messages=3, oldest_s=12.0)],
    failing=1,
    open_incidents=2,
    rules=21,
    rule_problems=["rules/own.yml:7:9: unknown metric"],
    rules_read_at=NOW - 600,
    parts=("agora-bot 0.1.0", "SQLite", "agora: beta"),
)
NEW_STATUS = Status(
    feeds=(),
    spent=(),
    resets_in_s=3600.0,
    waiting=(),
    failing=0,
    open_incidents=0,
    rules=None,
    rule_problems=(),
    rules_read_at=None,
    parts=(),
)

STORM = Storm(id=1, target="slack:", started_at=NOW - 300.0, last_at=NOW - 20.0)
STORM_ROWS = tuple(
    StormRow(
        incident_id=n,
        group=labels(project="demo", alertname="OneSenderHurtsChannel", cname=f"lesson-{n}"),
        severity=Severity.CRITICAL if n % 3 == 0 else Severity.WARNING,
        is_open=n % 4 != 0,
    )
    for n in range(1, 43)
)

FINISHED = Call(
    call_id="8f2c71d09be44a1c", cname="lesson-algebra-7b", started_at=NOW - 7200, ended_at=NOW - 4680
)
ONGOING = Call(call_id="b1946ac92492d234", cname="lesson-algebra-7b", started_at=NOW - 1500, ended_at=None)

EMPTY_LISTING = CallListing(
    cname="lesson-algebra-7b",
    window=Window(start=NOW - 86_400, end=NOW),
    found=(("demo", CallSearch(calls=(), complete=True)),),
    now=NOW,
    older_before=None,
    several_projects=False,
    kept_s=3 * 86_400,
)

LISTING = CallListing(
    cname="lesson-algebra-7b",
    window=Window(start=NOW - 86_400, end=NOW),
    found=(
        ("demo", CallSearch(calls=(ONGOING, FINISHED), complete=False)),
        ("school-eu", CallSearch(calls=(), complete=True)),
    ),
    now=NOW,
    older_before=NOW - 7200,
    several_projects=True,
    failed=(
        ("school-us", "Agora's requests for today are used up (call/lists, account us)."),
        ("school-mx", "Agora's requests for today are used up (call/lists, account us)."),
    ),
    kept_s=7 * 86_400,
)

_SENDER = Session(
    sid="s1",
    uid="44361248",
    network="Wi-Fi",
    platform="Android",
    device="Pixel 8",
    sdk="4.3.1",
    sender=True,
    joined_at=NOW - 7200,
    left_at=NOW - 4700,
)
_VIEWER = replace(
    _SENDER, sid="s2", uid="2000", network="LTE", platform="iOS", device="iPhone 15", sender=False
)

_TIMES = np.arange(NOW - 7200, NOW - 7180, 2, dtype=np.int64)
_RISING = np.arange(10, dtype=np.float64)

DETAILS = CallDetails(
    call=FINISHED,
    sessions=(_SENDER, _VIEWER),
    series=(
        Series(sid="s1", mid=20017, peer_uid="0", ts=_TIMES, values=_RISING),
        Series(sid="s1", mid=20008, peer_uid="0", ts=_TIMES, values=15 + _RISING),
        Series(sid="s2", mid=20011, peer_uid="44361248", ts=_TIMES, values=100 * _RISING),
    ),
    cut=True,
)

_CAUSE = Cause(
    kind=CauseKind.UPLINK_LOSS,
    uid="44361248",
    confidence=0.91,
    evidence=(Evidence(text="upstream loss 14 %, in the rest of the call 0.4 %", mid=20017),),
    against=("nobody else sends, so that nobody can be compared",),
    missing=("round trip times",),
)
_TROUBLE = Trouble(
    start=NOW - 6600,
    end=NOW - 6300,
    media=Media.VIDEO,
    scope=Scope.SENDER,
    pairs=(("2000", "44361248"),),
    causes=(_CAUSE,),
    next_step="Ask 44361248 to move nearer to the Wi-Fi router or to use another network.",
    red=True,
    worst=38.0,
)
_POSSIBLE = replace(_CAUSE, kind=CauseKind.RECEIVER_CPU, uid="2000", confidence=0.4)
DIAGNOSIS = Diagnosis(
    verdict=CallVerdict.BAD,
    headline="Video of 44361248 was bad for 1 other: uplink loss at 44361248 (and 1 more)",
    start=NOW - 7200,
    end=NOW - 4680,
    users=("44361248", "2000"),
    incidents=(_TROUBLE, replace(_TROUBLE, start=NOW - 5000, end=NOW - 4950, causes=(_POSSIBLE,))),
    affected=(),
    events=(),
    assumptions=("loss read as percent",),
    quality=DataQuality(coverage=99.0),
)
_FINE = (Stretch(start=NOW - 7200, end=NOW - 4680, level=Level.OK),)
_SPOILT = (
    Stretch(start=NOW - 7200, end=NOW - 6600, level=Level.OK),
    Stretch(start=NOW - 6600, end=NOW - 6300, level=Level.BAD),
    Stretch(start=NOW - 6300, end=NOW - 5000, level=Level.OK),
    Stretch(start=NOW - 5000, end=NOW - 4950, level=Level.WARNING),
    Stretch(start=NOW - 4950, end=NOW - 4700, level=Level.OFF),
)
_NEVER = (Stretch(start=NOW - 7200, end=NOW - 4680, level=Level.UNKNOWN),)
PICTURES = Pictures(
    users=("44361248", "2000"),
    strips=(
        Strip(uid="44361248", received=_FINE, sent=_SPOILT),
        Strip(uid="2000", received=_SPOILT, sent=_NEVER),
    ),
    scenes=(Scene(cells=((None, None), (38.0, None)), lines=()),) * 2,
)

EMPTY_DETAILS = CallDetails(call=ONGOING, sessions=(), series=(), cut=False)

_BAD_MOMENT = DiagnosisEvent(
    ts=NOW - 900,
    cname="lesson-algebra-7b",
    user="44361248",
    experience_id=4,
    tags=(CauseTag(factor_id=21, host_user="91330725"), CauseTag(factor_id=29, host_user="")),
)
PEOPLE = (
    Person(
        project="demo",
        uid="44361248",
        suffered=14,
        bad_times=[replace(_BAD_MOMENT, ts=NOW - 60 * n) for n in range(1, 13)]
        + [replace(_BAD_MOMENT, cname="lesson-2", tags=(), experience_id=6)],
        hurt=3,
        hurt_times=[
            replace(_BAD_MOMENT, user=str(2000 + n), tags=(CauseTag(factor_id=21, host_user="44361248"),))
            for n in range(3)
        ],
        blamed=[("lesson-algebra-7b", "Video of 44361248 was bad for 3 others: uplink loss at 44361248")],
    ),
    Person(
        project="school-eu",
        uid="44361248",
        suffered=0,
        bad_times=(),
        hurt=1,
        hurt_times=(replace(_BAD_MOMENT, user="7", tags=()),),
        blamed=(),
    ),
)

_FREEZES = LiveMetric(
    title="Video freeze",
    unit="%",
    high_is_good=False,
    last=6.1,
    hour=5.2,
    yesterday=1.4,
    week_ago=1.3,
)
LIVE = Live(
    project="demo",
    until=NOW,
    metrics=(_FREEZES, replace(_FREEZES, title="Users online", unit="", high_is_good=None, yesterday=None)),
    charts=(TREND, replace(TREND, title="Users online", unit="", threshold=None)),
    events=31,
    channels=(("lesson-algebra-7b", 22), ("lesson-2", 9)),
    users=(("44361248", 4),),
)
NOT_LIVE = Live(project="demo", until=NOW, metrics=(), charts=(), events=0, channels=(), users=())
USAGE: tuple[tuple[str, list[UsageDay]], ...] = (
    (
        "demo",
        [UsageDay(day=NOW // 86_400 * 86_400 - 86_400 * n, users=812 + n, sessions=2040) for n in (2, 1)],
    ),
    ("school-eu", []),
)
