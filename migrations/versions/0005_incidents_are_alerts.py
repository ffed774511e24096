"""what was called an incident is an alert; incidents will be groups of them"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_IS_OPEN = sa.text("resolved_at IS NULL")


def upgrade() -> None:
    for name in ("one_open_incident_per_fingerprint", "incidents_by_project"):
        op.drop_index(name)
    op.drop_index("ix_incident_events_incident_id")
    op.rename_table("incidents", "alerts")
    op.execute("ALTER TABLE alerts RENAME COLUMN alert TO alertname")
    op.rename_table("incident_events", "alert_events")
    op.execute("ALTER TABLE alert_events RENAME COLUMN incident_id TO alert_id")
    _open_once("one_open_alert_per_fingerprint", "alerts")
    op.create_index("alerts_by_project", "alerts", ["project", "resolved_at"])
    op.create_index("ix_alert_events_alert_id", "alert_events", ["alert_id"])


def downgrade() -> None:
    for name in ("one_open_alert_per_fingerprint", "alerts_by_project", "ix_alert_events_alert_id"):
        op.drop_index(name)
    op.execute("ALTER TABLE alert_events RENAME COLUMN alert_id TO incident_id")
    op.rename_table("alert_events", "incident_events")
    op.execute("ALTER TABLE alerts RENAME COLUMN alertname TO alert")
    op.rename_table("alerts", "incidents")
    _open_once("one_open_incident_per_fingerprint", "incidents")
    op.create_index("incidents_by_project", "incidents", ["project", "resolved_at"])
    op.create_index("ix_incident_events_incident_id", "incident_events", ["incident_id"])


def _open_once(name: str, table: str) -> None:
    op.create_index(
        name, table, ["fingerprint"], unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN
    )
