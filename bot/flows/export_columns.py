"""What an export holds, column by column: `--help` and docs/reference/export.md are told from here."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from bot.model.alert import Alert
from bot.model.audit import AuditEntry
from bot.model.catalog import EXPERIENCES, FACTORS, METRICS
from bot.model.feedback import Feedback
from bot.model.observation import CauseTag

if TYPE_CHECKING:  # the keyboard reads this module for --help, and SQLAlchemy takes half a second
    from bot.store.history import StoredCall, StoredEvent, StoredPoint

T = TypeVar("T")


class What(StrEnum):
    """What can be taken out."""

    METRICS = "metrics"
    EVENTS = "events"
    CALLS = "calls"
    ALERTS = "alerts"
    FEEDBACK = "feedback"
    AUDIT = "audit"


class Kind(StrEnum):
    """How a value is written. TIME is an instant in Unix seconds that is written as a date; JSON a list or
    mapping. Every kind may be None."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    FLAG = "flag"
    TIME = "time"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Generic[T]):
    """One column: its name, how it is written, what it means, and where it is taken from."""

    name: str
    kind: Kind
    meaning: str
    of: Callable[[T], object]


def _column(name: str, kind: Kind, meaning: str, of: Callable[[T], object]) -> Column[T]:
    return Column(name=name, kind=kind, meaning=meaning, of=of)


def _unit(stored: "StoredPoint") -> str:
    metric = METRICS.get(stored.point.metric)
    return metric.unit if metric else ""


def _cause(tag: CauseTag) -> dict[str, object]:
    factor = FACTORS.get(tag.factor_id)
    return {
        "factor_id": tag.factor_id,
        "factor": factor.name if factor else None,
        "host_user": tag.host_user,
    }


_METRICS: "tuple[Column[StoredPoint], ...]" = (
    _column("project", Kind.TEXT, "name of the project", lambda s: s.project),
    _column("metric", Kind.TEXT, "name of the metric, as in rule files", lambda s: s.point.metric),
    _column("time", Kind.TIME, "start of the minute, UTC", lambda s: s.point.minute),
    _column("ts", Kind.INTEGER, "the same in Unix seconds", lambda s: s.point.minute),
    _column("value", Kind.NUMBER, "value of that minute", lambda s: s.point.value),
    _column("unit", Kind.TEXT, "% (0 to 100), s, or empty for a count", _unit),
    _column(
        "fetched_at", Kind.INTEGER, "when it was last read from Agora, Unix seconds", lambda s: s.fetched_at
    ),
)

_EVENTS: "tuple[Column[StoredEvent], ...]" = (
    _column("project", Kind.TEXT, "name of the project", lambda s: s.project),
    _column("time", Kind.TIME, "when it happened, as Agora says, UTC", lambda s: s.event.ts),
    _column("ts", Kind.INTEGER, "the same in Unix seconds", lambda s: s.event.ts),
    _column("cname", Kind.TEXT, "name of the channel", lambda s: s.event.cname),
    _column(
        "user",
        Kind.TEXT,
        "UID of the user who suffered; empty where an alert is about the whole channel",
        lambda s: s.event.user,
    ),
    _column(
        "experience_id",
        Kind.INTEGER,
        "Agora's number of the experience; 900 is ours, for whatever Agora's own alerting pushed",
        lambda s: s.event.experience_id,
    ),
    _column(
        "experience",
        Kind.TEXT,
        "its name in rule files; empty where Agora published none",
        lambda s: EXPERIENCES.get(s.event.experience_id),
    ),
    _column(
        "causes",
        Kind.JSON,
        "list of factor_id, factor and host_user, the strongest first; an empty host_user is the user",
        lambda s: [_cause(tag) for tag in s.event.tags],
    ),
    _column(
        "source",
        Kind.TEXT,
        "agora for its diagnosis, doctor for what the bot found in a call, alert for what Agora pushed",
        lambda s: s.event.source,
    ),
    _column(
        "said",
        Kind.JSON,
        "conditions of an alert in Agora's words",
        lambda s: list(s.event.said),
    ),
    _column(
        "at_least",
        Kind.FLAG,
        "whether Agora's answer for this minute was cut, so that more happened than is listed; empty where"
        " no complete poll covered the minute",
        lambda s: s.at_least,
    ),
    _column(
        "fetched_at", Kind.INTEGER, "when it came from Agora first, Unix seconds", lambda s: s.fetched_at
    ),
)

_CALLS: "tuple[Column[StoredCall], ...]" = (
    _column("project", Kind.TEXT, "name of the project", lambda s: s.project),
    _column("call_id", Kind.TEXT, "Agora's id of the call", lambda s: s.call.call_id),
    _column("cname", Kind.TEXT, "name of the channel", lambda s: s.call.cname),
    _column("created_time", Kind.TIME, "when the first user joined, UTC", lambda s: s.call.created_ts),
    _column("created_ts", Kind.INTEGER, "the same in Unix seconds", lambda s: s.call.created_ts),
    _column("destroyed_time", Kind.TIME, "when the last user left, UTC", lambda s: s.call.destroyed_ts),
    _column("destroyed_ts", Kind.INTEGER, "the same in Unix seconds", lambda s: s.call.destroyed_ts),
    _column("duration_s", Kind.INTEGER, "seconds from the one to the other", lambda s: s.call.duration_s),
    _column(
        "video_freeze_rate",
        Kind.NUMBER,
        "% (0 to 100) of the call; empty where the API does not tell it, as that of 2019",
        lambda s: s.call.video_freeze_rate,
    ),
    _column("audio_freeze_rate", Kind.NUMBER, "the same of audio", lambda s: s.call.audio_freeze_rate),
    _column("pcu", Kind.INTEGER, "users at once, at the most", lambda s: s.call.pcu),
    _column("acu", Kind.NUMBER, "Agora's ACU of the call, as it came", lambda s: s.call.acu),
    _column(
        "fetched_at", Kind.INTEGER, "when it was last read from Agora, Unix seconds", lambda s: s.fetched_at
    ),
)

_ALERTS: tuple[Column[Alert], ...] = (
    _column("id", Kind.INTEGER, "number of the alert", lambda a: a.id),
    _column("project", Kind.TEXT, "name of the project", lambda a: a.project),
    _column("alert", Kind.TEXT, "name of the alert in the rule files", lambda a: a.alertname),
    _column("labels", Kind.JSON, "labels of the series", lambda a: dict(a.labels)),
    _column("severity", Kind.TEXT, "info, warning or critical", lambda a: a.severity.word),
    _column("state", Kind.TEXT, "firing, recovering or resolved", lambda a: a.state.value),
    _column("fired_time", Kind.TIME, "when it fired, UTC", lambda a: a.fired_at),
    _column("fired_at", Kind.INTEGER, "the same in Unix seconds", lambda a: a.fired_at),
    _column("active_time", Kind.TIME, "when its condition began to hold, UTC", lambda a: a.active_at),
    _column("active_at", Kind.INTEGER, "the same in Unix seconds", lambda a: a.active_at),
    _column(
        "resolved_time", Kind.TIME, "when it was resolved, UTC; empty while open", lambda a: a.resolved_at
    ),
    _column("resolved_at", Kind.INTEGER, "the same in Unix seconds", lambda a: a.resolved_at),
    _column("reason", Kind.TEXT, "condition or rule_removed", lambda a: a.reason.value if a.reason else None),
    _column("value", Kind.NUMBER, "last value that was judged", lambda a: a.value),
    _column("threshold", Kind.NUMBER, "threshold that decided", lambda a: a.threshold),
    _column("peak", Kind.NUMBER, "worst value while it fired", lambda a: a.peak),
    _column(
        "at_least",
        Kind.FLAG,
        "whether an answer was cut, so that it may have been worse",
        lambda a: a.at_least,
    ),
    _column(
        "affected",
        Kind.JSON,
        "events, users, channels, hosts, factors, experiences, said",
        lambda a: asdict(a.affected),
    ),
    _column("annotations", Kind.JSON, "texts of the rule", lambda a: dict(a.annotations)),
    _column("last_value", Kind.NUMBER, "last value that was bad", lambda a: a.last_value),
    _column("last_seen", Kind.INTEGER, "in which minute, Unix seconds", lambda a: a.last_seen),
)

_FEEDBACK: tuple[Column[Feedback], ...] = (
    _column("project", Kind.TEXT, "name of the project", lambda f: f.verdict.project),
    _column("call_id", Kind.TEXT, "Agora's id of the call", lambda f: f.verdict.call_id),
    _column("verdict", Kind.TEXT, "what the doctor said of the call", lambda f: f.verdict.verdict),
    _column("kind", Kind.TEXT, "its first cause; empty where it found no trouble", lambda f: f.verdict.kind),
    _column("uid", Kind.TEXT, "UID of the user it blamed; empty for nobody", lambda f: f.verdict.uid),
    _column("confidence", Kind.NUMBER, "how sure it was, 0 to 1", lambda f: f.verdict.confidence),
    _column("right", Kind.FLAG, "what this person said of it", lambda f: f.right),
    _column("user", Kind.TEXT, "Slack user id of the person", lambda f: f.user),
    _column("time", Kind.TIME, "when they said so last, UTC", lambda f: f.answered_at),
    _column("ts", Kind.INTEGER, "the same in Unix seconds", lambda f: f.answered_at),
)

_AUDIT: tuple[Column[AuditEntry], ...] = (
    _column("id", Kind.INTEGER, "number of the entry", lambda e: e.id),
    _column("time", Kind.TIME, "when it was done or refused, UTC", lambda e: e.at),
    _column("ts", Kind.INTEGER, "the same in Unix seconds", lambda e: e.at),
    _column("user", Kind.TEXT, "Slack user id; at the keyboard the name there", lambda e: e.asker.user),
    _column("channel", Kind.TEXT, "Slack channel in which they did it", lambda e: e.asker.channel),
    _column("team", Kind.TEXT, "Slack workspace", lambda e: e.asker.team),
    _column("deed", Kind.TEXT, "what they did; if refused, the command or button", lambda e: e.deed),
    _column("outcome", Kind.TEXT, "done or refused", lambda e: e.outcome.value),
    _column("incident", Kind.INTEGER, "number of the incident; empty for none", lambda e: e.incident_id),
    _column("about", Kind.TEXT, "note, assignee, call, silence, or the words refused", lambda e: e.about),
)

COLUMNS: Mapping[What, tuple[Column[Any], ...]] = {
    What.METRICS: _METRICS,
    What.EVENTS: _EVENTS,
    What.CALLS: _CALLS,
    What.ALERTS: _ALERTS,
    What.FEEDBACK: _FEEDBACK,
    What.AUDIT: _AUDIT,
}

ORDER: Mapping[What, str] = {
    What.METRICS: "by project, metric, time",
    What.EVENTS: "by project, time, cname, user, experience_id, source",
    What.CALLS: "by project, destroyed_time, call_id; those that ended between --from and --to",
    What.ALERTS: "by id; those that fired between --from and --to",
    What.FEEDBACK: "by time, project, call_id, verdict, kind, uid, user",
    What.AUDIT: "by id; of all projects",
}
