"""finished calls"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("project", sa.String(length=80), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("cname", sa.Text(), nullable=False),
        sa.Column("created_ts", sa.BigInteger(), nullable=False),
        sa.Column("destroyed_ts", sa.BigInteger(), nullable=False),
        sa.Column("video_freeze_rate", sa.Float(), nullable=True),
        sa.Column("audio_freeze_rate", sa.Float(), nullable=True),
        sa.Column("pcu", sa.Integer(), nullable=True),
        sa.Column("acu", sa.Float(), nullable=True),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("project", "call_id"),
    )
    op.create_index("calls_by_end", "calls", ["project", "destroyed_ts", "call_id"])


def downgrade() -> None:
    op.drop_index("calls_by_end", "calls")
    op.drop_table("calls")
    op.execute("DELETE FROM known_minutes WHERE feed = 'calls'")
    op.execute("DELETE FROM feeds WHERE feed = 'calls'")
