"""what people say of the doctor's verdicts"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("project", sa.String(length=80), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("uid", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=32), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("right", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("project", "call_id", "verdict", "kind", "uid", "user"),
    )
    op.create_index("feedback_by_time", "feedback", ["answered_at", "project", "call_id"])


def downgrade() -> None:
    op.drop_table("feedback")
