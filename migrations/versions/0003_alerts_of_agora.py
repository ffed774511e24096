"""alerts of agora"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

KEPT = ("project", "ts", "cname", "user", "experience_id", "tags", "fetched_at")
KEY = KEPT[:5]
IS_ALERT = sa.text("source = 'alert'")


def upgrade() -> None:
    _make_anew(
        (*KEY, "source"),
        sa.Column("source", sa.String(length=16), nullable=False, server_default="agora"),
        sa.Column("said", sa.JSON(), nullable=False, server_default=sa.text("'[]'")),
    )
    op.create_index(
        "alerts_by_arrival",
        "diagnosis_events",
        ["project", "fetched_at"],
        sqlite_where=IS_ALERT,
        postgresql_where=IS_ALERT,
    )


def downgrade() -> None:
    op.execute("DELETE FROM diagnosis_events WHERE source = 'alert'")
    op.drop_index("alerts_by_arrival", "diagnosis_events")
    _make_anew(KEY)


def _make_anew(key: tuple[str, ...], *more: sa.Column) -> None:
    """Give the table another primary key and keep its rows; SQLite cannot change the key of a table."""
    op.rename_table("diagnosis_events", "earlier_events")
    op.create_table(
        "diagnosis_events",
        sa.Column("project", sa.String(length=80), nullable=False),
        sa.Column("ts", sa.BigInteger(), nullable=False),
        sa.Column("cname", sa.Text(), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("experience_id", sa.Integer(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        *more,
        sa.PrimaryKeyConstraint(*key),
    )
    kept = sa.table("earlier_events", *(sa.column(name) for name in KEPT))
    now = sa.table("diagnosis_events", *(sa.column(name) for name in KEPT))
    op.execute(now.insert().from_select(KEPT, sa.select(kept)))
    op.drop_table("earlier_events")
