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
Index(
    "alerts_by_arrival",
    diagnosis_events.c.project,
    diagnosis_events.c.fetched_at,
    sqlite_where=IS_ALERT,
    postgresql_where=IS_ALERT,
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
    Column("announced", Boolean, nullable=False),
    Column("acked_by", String(32)),
    Column("acked_at", BigInteger),
    Column("silenced_by", String(32)),
    Column("silenced_until", BigInteger),
)
Index(
    "one_open_alert_per_fingerprint",
    alerts.c.fingerprint,
    unique=True,
    sqlite_where=text("resolved_at IS NULL"),
    postgresql_where=text("resolved_at IS NULL"),
)
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

outbox = Table(
    "outbox",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("incident_id", _ID, ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("event", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("due_at", Float, nullable=False),
    Column("leased_until", Float, nullable=False),
    Column("worker", String(64), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text),
)
Index("one_message_per_seq", outbox.c.incident_id, outbox.c.seq, unique=True)
Index("outbox_due", outbox.c.state, outbox.c.due_at)

roots = Table(
    "roots",
    metadata,
    Column("incident_id", _ID, ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True),
    Column("target", String(120), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("ts", String(32), nullable=False),
    Column("edited_at", Float, nullable=False),
)

notes = Table(
    "notes",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", JSON, nullable=False),
    Column("at", BigInteger, nullable=False),
)
