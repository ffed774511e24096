"""Run unit tests of rules: virtual minutes and rows, the judge and the states of the live bot."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.flows.judge import texts
from bot.flows.rehearse import rehearse
from bot.flows.replay import Episode, Replay
from bot.flows.routes import Routes
from bot.model.alert import Alert, State
from bot.model.catalog import Feed
from bot.model.incident import MessageKind
from bot.model.observation import Coverage, DiagnosisEvent, Events, FinishedCall, Observations, Points
from bot.model.time import MINUTE_S, floor_minute
from bot.rules import RuleSet
from bot.rules.document import Path
from bot.rules.duration import written
from bot.rules.testfile import AlertTest, ExpectedAlert, ExpectedMessage, UnitTest

Survive = Callable[[list[Alert]], list[Alert]]
"""Carries alerts over a restart: through the database and back."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What a test found otherwise, and where below the test it was expected."""

    path: Path
    message: str


def run_test(test: UnitTest, rules: RuleSet, routes: Routes, survive: Survive) -> list[Failure]:
    """Return where the rules did something else than the test says; none where it passes."""
    seen = _world(test)
    replay = Replay(rules, lambda _needs: seen)
    failures: list[Failure] = []
    upto = 0
    for number, at, expected in _in_order(test):
        for stop in _stops(upto, at + MINUTE_S, test.restart_at_s):
            replay.advance(upto, stop)
            upto = stop
            if stop == test.restart_at_s:
                replay.restart(survive)
        if expected is not None:
            path: Path = ("alert_rule_test", number)
            failures += [Failure(path, message) for message in _alerts(replay, expected)]
    if test.exp_messages is not None:
        failures += _messages(replay.episodes(), routes, test.exp_messages, _last(test))
    return failures


def _in_order(test: UnitTest) -> Iterator[tuple[int, int, AlertTest | None]]:
    """Yield the looks at the alerts in order of time, and at last the end of the story."""
    tests = enumerate(test.alert_rule_test)
    looks = [(floor_minute(look.eval_time_s), number, look) for number, look in tests]
    for at, number, look in sorted(looks, key=lambda one: one[:2]):
        yield number, at, look
    yield -1, max([at for at, _, _ in looks] + [_end(test)]), None


def _end(test: UnitTest) -> int:
    series = [(len(given.values) - 1) * test.interval_s for given in test.input_series]
    events = [given.at_s for given in test.input_events]
    messages = [expected.at_s for expected in test.exp_messages or ()]
    return floor_minute(max([0, *series, *events, *messages]))


def _stops(start: int, end: int, restart_at: int | None) -> list[int]:
    if restart_at is not None and start < restart_at < end:
        return [restart_at, end]
    return [end] if end > start else []


def _world(test: UnitTest) -> Observations:
    projects = _projects(test)
    places = {name: place for place, name in enumerate(projects)}
    points: dict[str, list[tuple[int, int, float]]] = {}
    for given in test.input_series:
        metric, labels = given.series
        place = places[labels.get("project", "p")]
        rows = points.setdefault(metric, [])
        rows += [(place, n * test.interval_s, v) for n, v in enumerate(given.values) if v is not None]
    gaps = [range(floor_minute(first), last + 1, MINUTE_S) for first, last in test.unknown]
    unknown = {minute for gap in gaps for minute in gap}
    known = [m for m in range(-MINUTE_S * 60, _last(test), MINUTE_S) if m not in unknown]
    coverage = Coverage.of([(place, minute, False) for place in places.values() for minute in known])
    return Observations(
        projects=projects,
        start=0,
        end=_last(test),
        metrics={name: Points.of(rows) for name, rows in points.items()},
        events=Events.of(_events(test, places)),
        calls=tuple(_calls(test, places)),
        coverage={**dict.fromkeys(Feed, coverage), Feed.ALERT: Coverage.of((), whole=places.values())},
    )


def _projects(test: UnitTest) -> tuple[str, ...]:
    named = [given.series[1].get("project", "p") for given in test.input_series]
    named += [given.project for given in test.input_events]
    named += [given.project for given in test.input_calls]
    return tuple(sorted({*named})) or ("p",)


def _last(test: UnitTest) -> int:
    return max(at for _, at, _ in _in_order(test)) + MINUTE_S


def _events(test: UnitTest, places: dict[str, int]) -> Iterator[tuple[int, DiagnosisEvent]]:
    for given in test.input_events:
        for number in range(given.count):
            user = given.user if given.count == 1 else f"{given.user}{number + 1}"
            event = DiagnosisEvent(
                ts=given.at_s,
                cname=given.cname,
                user=user,
                experience_id=given.experience,
                tags=given.tags,
            )
            yield places[given.project], event


def _calls(test: UnitTest, places: dict[str, int]) -> Iterator[tuple[int, FinishedCall]]:
    for number, given in enumerate(test.input_calls):
        call = FinishedCall(
            call_id=f"call {number + 1}",
            cname=given.cname,
            created_ts=given.ended_s - given.lasted_s,
            destroyed_ts=given.ended_s,
            video_freeze_rate=given.video_freeze_rate,
            audio_freeze_rate=given.audio_freeze_rate,
            pcu=given.pcu,
            acu=given.acu,
        )
        yield places[given.project], call


def _alerts(replay: Replay, expected: AlertTest) -> Iterator[str]:
    alerts = replay.open(expected.alertname)
    when = f"{expected.alertname} at {written(expected.eval_time_s)}"
    firing = [alert for alert in alerts if alert.is_open]
    yield from _compared(f"{when}: firing", firing, expected.exp_alerts)
    if expected.exp_pending is not None:
        pending = [alert for alert in alerts if alert.state is State.PENDING]
        yield from _compared(f"{when}: pending", pending, expected.exp_pending)


def _compared(what: str, found: Sequence[Alert], expected: Sequence[ExpectedAlert]) -> Iterator[str]:
    left = list(found)
    missing = []
    for one in expected:
        same = next((alert for alert in left if _fits(alert, one)), None)
        if same is None:
            missing.append(one)
        else:
            left.remove(same)
    if missing or left:
        lines = [f"expected and not there: {_of(one.exp_labels, one.exp_annotations)}" for one in missing]
        lines += [f"there and not expected: {_shown(alert)}" for alert in left]
        yield what + "".join(f"\n  {line}" for line in lines)


def _fits(alert: Alert, expected: ExpectedAlert) -> bool:
    labels = dict(expected.exp_labels)
    severity = labels.pop("severity", alert.severity.word)
    texts = {name: alert.annotations.get(name) for name in expected.exp_annotations}
    return (
        labels == dict(alert.labels) and severity == alert.severity.word and texts == expected.exp_annotations
    )


def _shown(alert: Alert) -> str:
    return _of({**dict(alert.labels), "severity": alert.severity.word}, alert.annotations)


def _of(labels: Mapping[str, str], annotations: Mapping[str, str]) -> str:
    said = ", ".join(f'{name}="{value}"' for name, value in sorted(labels.items()))
    return f"{{{said}}}" + "".join(f'\n    {name}: "{text}"' for name, text in sorted(annotations.items()))


@dataclass(frozen=True, slots=True, order=True)
class _Told:
    at: int
    alertname: str
    kind: str
    receiver: str
    text: str


def _messages(
    episodes: Sequence[Episode], routes: Routes, expected: Sequence[ExpectedMessage], end: int
) -> Iterator[Failure]:
    """Yield where what people would have seen differs: each message in turn, at its minute."""
    left = sorted(_told(episodes, routes, end))
    for place, one in enumerate(expected):
        at = floor_minute(one.at_s)
        like = [t for t in left if (t.at, t.alertname, t.kind) == (at, one.alertname, one.kind)]
        like = [told for told in like if one.receiver in ("", told.receiver)]
        same = next((told for told in like if one.text in told.text), None)
        if same is None:
            said = f"{one.alertname} {one.kind} at {written(at)}" + (
                f' with "{one.text}"' if one.text else ""
            )
            yield Failure(("exp_messages", place), f"message expected and not sent: {said}")
        else:
            left.remove(same)
    for told in left:
        said = f'{told.alertname} {told.kind} at {written(told.at)} to {told.receiver}: "{told.text}"'
        yield Failure(("exp_messages",), f"message sent and not expected: {said}")


def _told(episodes: Sequence[Episode], routes: Routes, end: int) -> Iterator[_Told]:
    """Yield what each receiver gets; edits of first messages are not counted."""
    sent, lives = rehearse(episodes, routes, end, delay=False)
    for one in sent:
        if one.line.kind is not MessageKind.EDIT:
            episode = lives[one.card.lead.id]
            known = [m.verdict for m in episode.moments if m.event.at <= one.at]
            summary = texts(episode.rule, known[-1]).get("summary", "")
            receiver = routes.receiver(one.target)
            yield _Told(floor_minute(one.at), episode.rule.name, one.line.kind.value, receiver, summary)
