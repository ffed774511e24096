"""suspicious calls, and events that the bot finds itself"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

IS_ALERT = sa.text("source = 'alert'")
ON_ARRIVAL = sa.text("source <> 'agora'")


def upgrade() -> None:
    op.create_table(
        "suspects",
        sa.Column("project", sa.String(length=80), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("cname", sa.Text(), nullable=False),
        sa.Column("created_ts", sa.BigInteger(), nullable=False),
        sa.Column("destroyed_ts", sa.BigInteger(), nullable=True),
        sa.Column("users", sa.Integer(), nullable=True),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("noticed_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.Float(), nullable=True),
        sa.Column("examined_until", sa.BigInteger(), nullable=True),
        sa.Column("examined_score", sa.Float(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=24), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("project", "call_id"),
    )
    op.create_index("suspects_by_age", "suspects", ["project", "noticed_at", "call_id"])
    op.create_index("suspects_due", "suspects", ["project", "due_at"])
    _index_anew("alerts_by_arrival", "events_by_arrival", ON_ARRIVAL)


def downgrade() -> None:
    op.execute("DELETE FROM diagnosis_events WHERE source NOT IN ('agora', 'alert')")
    _index_anew("events_by_arrival", "alerts_by_arrival", IS_ALERT)
    op.drop_table("suspects")


def _index_anew(before: str, after: str, which: sa.TextClause) -> None:
    op.drop_index(before, "diagnosis_events")
    op.create_index(
        after, "diagnosis_events", ["project", "fetched_at"], sqlite_where=which, postgresql_where=which
    )
