"""The tables. Instants are Unix seconds; what only Python reads is JSON. Alembic owns their creation."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

metadata = MetaData()
_ID = BigInteger().with_variant(Integer, "sqlite")

metric_points = Table(
    "metric_points",
    metadata,
    Column("project", String(80), primary_key=True),
    Column("metric", String(64), primary_key=True),
    Column("minute", BigInteger, primary_key=True),
    Column("value", Float, nullable=False),
    Column("fetched_at", BigInteger, nullable=False),
)

diagnosis_events = Table(
    "diagnosis_events",
    metadata,
    Column("project", String(80), primary_key=True),
    Column("ts", BigInteger, primary_key=True),
    Column("cname", Text, primary_key=True),
    Column("user", String(64), primary_key=True),
    Column("experience_id", Integer, primary_key=True),
    Column("source", String(16), primary_key=True, server_default="agora"),
    Column("tags", JSON, nullable=False),
    Column("fetched_at", BigInteger, nullable=False),
    Column("said", JSON, nullable=False, server_default=text("'[]'")),
)
IS_ALERT = text("source = 'alert'")
"""Of the events, those that Agora's own alerting pushed: ``ts`` is its time, ``fetched_at`` when it came."""
ON_ARRIVAL = text("source <> 'agora'")
"""Those that are known too late for the minute of ``ts``, and count in that of ``fetched_at``: the alerts,
and what our own doctor found."""
Index(
    "events_by_arrival",
    diagnosis_events.c.project,
    diagnosis_events.c.fetched_at,
    sqlite_where=ON_ARRIVAL,
    postgresql_where=ON_ARRIVAL,
)

calls = Table(
    "calls",
    metadata,
    Column("project", String(80), primary_key=True),
    Column("call_id", String(64), primary_key=True),
    Column("cname", Text, nullable=False),
    Column("created_ts", BigInteger, nullable=False),
    Column("destroyed_ts", BigInteger, nullable=False),
    Column("video_freeze_rate", Float),
    Column("audio_freeze_rate", Float),
    Column("pcu", Integer),
    Column("acu", Float),
    Column("fetched_at", BigInteger, nullable=False),
)
"""Calls that are over; rates are percent, and what the API does not tell is NULL."""
Index("calls_by_end", calls.c.project, calls.c.destroyed_ts, calls.c.call_id)

suspects = Table(
    "suspects",
    metadata,
    Column("project", String(80), primary_key=True),
    Column("call_id", String(64), primary_key=True),
    Column("cname", Text, nullable=False),
    Column("created_ts", BigInteger, nullable=False),
    Column("destroyed_ts", BigInteger),
    Column("users", Integer),
    Column("score", Float, nullable=False),
    Column("noticed_at", BigInteger, nullable=False),
    Column("due_at", Float),
    Column("examined_until", BigInteger),
    Column("examined_score", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("day", Integer, nullable=False),
    Column("asked", Integer, nullable=False),
    Column("verdict", String(24), nullable=False),
    Column("headline", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("kind", String(32), nullable=False, server_default=""),
    Column("uid", String(64), nullable=False, server_default=""),
    Column("confidence", Float, nullable=False, server_default="0"),
)
"""Calls that may have been bad; ``asked`` are the requests that examining took on the UTC ``day``."""
Index("suspects_by_age", suspects.c.project, suspects.c.noticed_at, suspects.c.call_id)
Index("suspects_due", suspects.c.project, suspects.c.due_at)

call_pictures = Table(
    "call_pictures",
    metadata,
    Column("project", String(80), primary_key=True),
    Column("call_id", String(64), primary_key=True),
    Column("png", LargeBinary, nullable=False),
    Column("drawn_at", BigInteger, nullable=False, index=True),
)
"""What was drawn of calls that were examined, for as long as their verdicts may have to be told."""

feedback = Table(
    "feedback",
    metadata,
    Column("project", String(80), primary_key=True),
    Column("call_id", String(64), primary_key=True),
    Column("verdict", String(24), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("uid", String(64), primary_key=True),
    Column("user", String(32), primary_key=True),
    Column("confidence", Float, nullable=False),
    Column("right", Boolean, nullable=False),
    Column("answered_at", BigInteger, nullable=False),
)
"""What people (Slack user ids) said of a verdict of the doctor."""
Index("feedback_by_time", feedback.c.answered_at, feedback.c.project, feedback.c.call_id)

rule_pauses = Table(
    "rule_pauses",
    metadata,
    Column("alert", String(120), primary_key=True),
    Column("starts_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("author", String(80), nullable=False),
    Column("reason", Text, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False, index=True),
    Column("user", String(80), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("team", String(32), nullable=False),
    Column("deed", String(32), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("incident_id", _ID),
    Column("about", Text, nullable=False),
)
"""Who did what, when, on which incident; it outlives the incident."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("key", String(160), primary_key=True),
    Column("at", BigInteger, nullable=False, index=True),
)
"""Which commands, clicks and events of Slack were taken, so that what it sends again does nothing twice."""

known_minutes = Table(
    "known_minutes",
    metadata,
    Column("project", String(80), primary_key=True),
    Column("feed", String(16), primary_key=True),
    Column("minute", BigInteger, primary_key=True),
    Column("cut", Boolean, nullable=False),
)

feeds = Table(
    "feeds",
    metadata,
    Column("project", String(80), primary_key=True),
    Column("feed", String(16), primary_key=True),
    Column("watermark", BigInteger, nullable=False),
    Column("attempted_at", BigInteger, nullable=False),
    Column("due_at", Float, nullable=False),
    Column("pace_s", Integer, nullable=False),
    Column("reading", JSON),
    Column("succeeded_at", BigInteger),
    Column("error", Text),
)

cursors = Table(
    "cursors",
    metadata,
    Column("project", String(80), primary_key=True),
    Column("alert", String(120), primary_key=True),
    Column("minute", BigInteger, nullable=False),
)

quota = Table(
    "quota",
    metadata,
    Column("account", String(80), primary_key=True),
    Column("endpoint", String(64), primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("used", Integer, nullable=False),
    Column("daily_limit", Integer, nullable=False),
)

paces = Table(
    "paces",
    metadata,
    Column("account", String(80), primary_key=True),
    Column("endpoint", String(64), primary_key=True),
    Column("next_at", Float, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("version", Integer, nullable=False),
    Column("fingerprint", String(32), nullable=False),
    Column("project", String(80), nullable=False),
    Column("alertname", String(120), nullable=False),
    Column("labels", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("severity", Integer, nullable=False),
    Column("active_at", BigInteger, nullable=False),
    Column("fired_at", BigInteger),
    Column("first_miss_at", BigInteger),
    Column("resolved_at", BigInteger),
    Column("reason", String(32)),
    Column("gap_s", Integer, nullable=False),
    Column("below_since", BigInteger),
    Column("judged_at", BigInteger, nullable=False),
    Column("value", Float),
    Column("threshold", Float),
    Column("peak", Float),
    Column("at_least", Boolean, nullable=False),
    Column("affected", JSON, nullable=False),
    Column("annotations", JSON, nullable=False),
    Column("last_value", Float),
    Column("last_seen", BigInteger),
)
IS_OPEN = text("resolved_at IS NULL")
Index(
    "one_open_alert_per_fingerprint",
    alerts.c.fingerprint,
    unique=True,
    sqlite_where=IS_OPEN,
    postgresql_where=IS_OPEN,
)
Index("alerts_by_fingerprint", alerts.c.fingerprint, alerts.c.resolved_at)
Index("alerts_by_project", alerts.c.project, alerts.c.resolved_at)

alert_events = Table(
    "alert_events",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("alert_id", _ID, ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("severity", Integer, nullable=False),
    Column("value", Float),
    Column("actor", String(32)),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("version", Integer, nullable=False),
    Column("group", JSON, nullable=False),
    Column("group_key", String(32), nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("episode", Integer, nullable=False),
    Column("episode_at", Float, nullable=False),
    Column("resolved_at", BigInteger),
    Column("continues", _ID),
    Column("acked_by", String(32)),
    Column("acked_at", BigInteger),
    Column("acked_severity", Integer),
    Column("assigned_to", String(32)),
    Column("snoozed_by", String(32)),
    Column("snoozed_until", BigInteger),
    Column("wake_at", Float),
)
"""``wake_at`` is when something is due of an incident without anything happening to it."""
Index(
    "one_open_incident_per_group",
    incidents.c.group_key,
    unique=True,
    sqlite_where=IS_OPEN,
    postgresql_where=IS_OPEN,
)
Index("incidents_by_group", incidents.c.group_key, incidents.c.id)
Index("incidents_by_end", incidents.c.resolved_at)
Index("incidents_due", incidents.c.wake_at)

members = Table(
    "members",
    metadata,
    Column("incident_id", _ID, ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True),
    Column("alert_id", _ID, ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True),
)
Index("members_by_alert", members.c.alert_id)

incident_events = Table(
    "incident_events",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("incident_id", _ID, ForeignKey("incidents.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("severity", Integer, nullable=False),
    Column("actor", String(32)),
    Column("until", BigInteger),
    Column("about", Text, nullable=False, server_default=""),
)
"""What happened to an incident as a whole, and what people did; its alerts have histories of their own."""

tellings = Table(
    "tellings",
    metadata,
    Column("incident_id", _ID, ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True),
    Column("target", String(160), primary_key=True),
    Column("receiver", String(120), nullable=False),
    Column("episode", Integer, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("told", JSON, nullable=False),
    Column("severity", Integer),
    Column("waiting_since", Float),
    Column("reminded_at", Float),
    Column("flapping", Boolean, nullable=False),
    Column("shown", String(16), nullable=False),
    Column("delivered_at", Float),
    Column("channel", String(32)),
    Column("ts", String(32)),
    Column("thread_ts", String(32)),
    Column("edited_at", Float),
    Column("storm_id", _ID, index=True),
)
"""What each target was told. The last six are the sender's: what arrived, and where it stands."""

told_verdicts = Table(
    "told_verdicts",
    metadata,
    Column("incident_id", _ID, ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True),
    Column("project", String(80), primary_key=True),
    Column("call_id", String(64), primary_key=True),
)
"""Of which calls an incident has told the doctor's verdict."""

outbox = Table(
    "outbox",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("incident_id", _ID, ForeignKey("incidents.id", ondelete="CASCADE"), nullable=False),
    Column("target", String(160), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("line", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("due_at", Float, nullable=False),
    Column("leased_until", Float, nullable=False),
    Column("worker", String(64), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text),
)
Index("one_message_per_seq", outbox.c.incident_id, outbox.c.target, outbox.c.seq, unique=True)
Index("outbox_due", outbox.c.state, outbox.c.due_at)

storms = Table(
    "storms",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("target", String(160), nullable=False),
    Column("started_at", Float, nullable=False),
    Column("last_at", Float, nullable=False),
    Column("ended_at", Float),
    Column("leased_until", Float, nullable=False),
    Column("channel", String(32)),
    Column("ts", String(32)),
    Column("edited_at", Float),
    Column("shown", String(16), nullable=False),
)
Index("storms_by_target", storms.c.target, storms.c.last_at)

pauses = Table(
    "pauses",
    metadata,
    Column("key", String(160), primary_key=True),
    Column("until", Float, nullable=False),
)
"""Until when a channel or a method of Slack takes nothing more, for every process."""

silences = Table(
    "silences",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("matchers", JSON, nullable=False),
    Column("starts_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("author", String(80), nullable=False),
    Column("comment", Text, nullable=False),
)
Index("silences_by_end", silences.c.ends_at)

notes = Table(
    "notes",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", JSON, nullable=False),
    Column("at", BigInteger, nullable=False),
)
