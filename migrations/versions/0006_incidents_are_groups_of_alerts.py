"""incidents are groups of alerts, told to one or more targets; silences

What was announced as an incident so far keeps its number, its messages and its place in Slack: it becomes a
group of one alert, told to the default channel (``slack:``).
"""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_IS_OPEN = sa.text("resolved_at IS NULL")
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KINDS = {
    "resolved": "resolved",
    "worsened": "rose",
    "eased": "members",
    "acknowledged": "acknowledged",
    "silenced": "snoozed",
}
_DEFAULT = "slack:"


def upgrade() -> None:
    _create_tables()
    _move_incidents()
    _move_messages()
    op.drop_table("roots")
    with op.batch_alter_table("alerts") as batch:
        for name in ("announced", "acked_by", "acked_at", "silenced_by", "silenced_until"):
            batch.drop_column(name)
        batch.add_column(sa.Column("last_value", sa.Float()))
        batch.add_column(sa.Column("last_seen", sa.BigInteger()))
    op.create_index("alerts_by_fingerprint", "alerts", ["fingerprint", "resolved_at"])


def _create_tables() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("group", sa.JSON(), nullable=False),
        sa.Column("group_key", sa.String(32), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("episode_at", sa.Float(), nullable=False),
        sa.Column("resolved_at", sa.BigInteger()),
        sa.Column("continues", _ID),
        sa.Column("acked_by", sa.String(32)),
        sa.Column("acked_at", sa.BigInteger()),
        sa.Column("acked_severity", sa.Integer()),
        sa.Column("snoozed_by", sa.String(32)),
        sa.Column("snoozed_until", sa.BigInteger()),
        sa.Column("wake_at", sa.Float()),
    )
    op.create_index(
        "one_open_incident_per_group",
        "incidents",
        ["group_key"],
        unique=True,
        sqlite_where=_IS_OPEN,
        postgresql_where=_IS_OPEN,
    )
    op.create_index("incidents_by_group", "incidents", ["group_key", "id"])
    op.create_index("incidents_by_end", "incidents", ["resolved_at"])
    op.create_index("incidents_due", "incidents", ["wake_at"])
    op.create_table(
        "members",
        sa.Column("incident_id", _ID, sa.ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("alert_id", _ID, sa.ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True),
    )
    op.create_index("members_by_alert", "members", ["alert_id"])
    op.create_table(
        "incident_events",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("incident_id", _ID, sa.ForeignKey("incidents.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(32)),
        sa.Column("until", sa.BigInteger()),
    )
    op.create_index("ix_incident_events_incident_id", "incident_events", ["incident_id"])
    op.create_table(
        "tellings",
        sa.Column("incident_id", _ID, sa.ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("target", sa.String(160), primary_key=True),
        sa.Column("receiver", sa.String(120), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("severity", sa.Integer()),
        sa.Column("waiting_since", sa.Float()),
        sa.Column("reminded_at", sa.Float()),
        sa.Column("flapping", sa.Boolean(), nullable=False),
        sa.Column("shown", sa.String(16), nullable=False),
        sa.Column("delivered_at", sa.Float()),
        sa.Column("channel", sa.String(32)),
        sa.Column("ts", sa.String(32)),
        sa.Column("thread_ts", sa.String(32)),
        sa.Column("edited_at", sa.Float()),
        sa.Column("storm_id", _ID),
    )
    op.create_index("ix_tellings_storm_id", "tellings", ["storm_id"])
    op.create_table(
        "storms",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("target", sa.String(160), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=False),
        sa.Column("last_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float()),
        sa.Column("leased_until", sa.Float(), nullable=False),
        sa.Column("channel", sa.String(32)),
        sa.Column("ts", sa.String(32)),
        sa.Column("edited_at", sa.Float()),
        sa.Column("shown", sa.String(16), nullable=False),
    )
    op.create_index("storms_by_target", "storms", ["target", "last_at"])
    op.create_table(
        "pauses",
        sa.Column("key", sa.String(160), primary_key=True),
        sa.Column("until", sa.Float(), nullable=False),
    )
    op.create_table(
        "silences",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("matchers", sa.JSON(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.String(80), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
    )
    op.create_index("silences_by_end", "silences", ["ends_at"])


def _move_incidents() -> None:
    tx = op.get_bind()
    meta = sa.MetaData()
    meta.reflect(tx, only=["alerts", "incidents", "members", "tellings", "roots"])
    alerts, incidents, members, tellings, roots = (
        meta.tables[name] for name in ("alerts", "incidents", "members", "tellings", "roots")
    )
    places = {row.incident_id: row for row in tx.execute(sa.select(roots))}
    for row in tx.execute(
        sa.select(alerts).where(alerts.c.fired_at.is_not(None)).order_by(alerts.c.id)
    ).all():
        group = sorted([*row.labels, ["alertname", row.alertname]])
        tx.execute(
            sa.insert(incidents).values(
                id=row.id,
                version=1,
                group=group,
                group_key=hashlib.sha256(json.dumps(group).encode()).hexdigest()[:32],
                opened_at=row.fired_at,
                episode=1,
                episode_at=row.fired_at,
                resolved_at=row.resolved_at,
                acked_by=row.acked_by,
                acked_at=row.acked_at,
                acked_severity=row.severity if row.acked_by else None,
                snoozed_by=row.silenced_by,
                snoozed_until=row.silenced_until,
                wake_at=0 if row.resolved_at is None else None,
            )
        )
        tx.execute(sa.insert(members).values(incident_id=row.id, alert_id=row.id))
        if row.announced:
            place = places.get(row.id)
            tx.execute(
                sa.insert(tellings).values(
                    incident_id=row.id,
                    target=_DEFAULT,
                    receiver="",
                    episode=1,
                    is_open=row.resolved_at is None,
                    told=[row.id] if row.resolved_at is None else [],
                    severity=row.severity,
                    flapping=False,
                    shown="",
                    delivered_at=row.fired_at,
                    channel=place.channel if place else None,
                    ts=place.ts if place else None,
                    edited_at=place.edited_at if place else None,
                )
            )
    if tx.dialect.name == "postgresql":
        following = sa.select(sa.func.coalesce(sa.func.max(incidents.c.id), 0) + 1).scalar_subquery()
        tx.execute(
            sa.select(sa.func.setval(sa.func.pg_get_serial_sequence("incidents", "id"), following, False))
        )


def _move_messages() -> None:
    """Give what waits in the outbox today's form; delivered messages have served their purpose."""
    tx = op.get_bind()
    meta = sa.MetaData()
    meta.reflect(tx, only=["outbox", "incidents"])
    old, incidents = meta.tables["outbox"], meta.tables["incidents"]
    known = sa.select(incidents.c.id)
    waiting = tx.execute(
        sa.select(old).where(old.c.state == "pending", old.c.incident_id.in_(known)).order_by(old.c.id)
    ).all()
    op.drop_table("outbox")
    op.create_table(
        "outbox",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("incident_id", _ID, sa.ForeignKey("incidents.id", ondelete="CASCADE"), nullable=False),
        sa.Column("target", sa.String(160), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("line", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.Float(), nullable=False),
        sa.Column("leased_until", sa.Float(), nullable=False),
        sa.Column("worker", sa.String(64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text()),
    )
    op.create_index("one_message_per_seq", "outbox", ["incident_id", "target", "seq"], unique=True)
    op.create_index("outbox_due", "outbox", ["state", "due_at"])
    meta = sa.MetaData()
    meta.reflect(tx, only=["outbox"])
    for row in waiting:
        event = row.event
        kind = row.kind if row.kind != "reply" else _KINDS.get(event["kind"])
        if kind is None:
            continue
        line = {
            "kind": kind,
            "at": event["at"],
            "severity": event["severity"],
            "value": event["value"],
            "joined": [],
            "left": [],
            "actor": event["actor"],
            "until": None,
        }
        kept = {name: value for name, value in row._mapping.items() if name not in ("event", "kind")}
        tx.execute(sa.insert(meta.tables["outbox"]).values(**kept, kind=kind, line=line, target=_DEFAULT))


def downgrade() -> None:
    """Go back to one message for each alert. What a group was told goes with its first alert; waiting
    messages of the group are taken for announced without a message of their own, and waiting messages are
    given up."""
    tx = op.get_bind()
    op.drop_index("alerts_by_fingerprint", "alerts")
    with op.batch_alter_table("alerts") as batch:
        batch.drop_column("last_value")
        batch.drop_column("last_seen")
        batch.add_column(sa.Column("announced", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch.add_column(sa.Column("acked_by", sa.String(32)))
        batch.add_column(sa.Column("acked_at", sa.BigInteger()))
        batch.add_column(sa.Column("silenced_by", sa.String(32)))
        batch.add_column(sa.Column("silenced_until", sa.BigInteger()))
    with op.batch_alter_table("alerts") as batch:
        batch.alter_column("announced", server_default=None)
    op.create_table(
        "roots",
        sa.Column("incident_id", _ID, sa.ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("target", sa.String(120), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("ts", sa.String(32), nullable=False),
        sa.Column("edited_at", sa.Float(), nullable=False),
    )
    tx.execute(
        sa.text(
            "INSERT INTO roots SELECT MIN(members.alert_id), MIN(tellings.target), MIN(tellings.channel),"
            " MIN(tellings.ts), MIN(COALESCE(tellings.edited_at, 0)) FROM tellings"
            " JOIN members ON members.incident_id = tellings.incident_id"
            " WHERE tellings.ts IS NOT NULL AND tellings.target = :target GROUP BY tellings.incident_id"
        ),
        {"target": _DEFAULT},
    )
    for name in ("outbox", "tellings", "incident_events", "members", "incidents"):
        op.drop_table(name)
    for name in ("storms", "pauses", "silences"):
        op.drop_table(name)
    op.create_table(
        "outbox",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("incident_id", _ID, sa.ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("event", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.Float(), nullable=False),
        sa.Column("leased_until", sa.Float(), nullable=False),
        sa.Column("worker", sa.String(64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text()),
    )
    op.create_index("one_message_per_seq", "outbox", ["incident_id", "seq"], unique=True)
    op.create_index("outbox_due", "outbox", ["state", "due_at"])
