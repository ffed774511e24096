"""pictures of calls, until their verdicts are told"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "call_pictures",
        sa.Column("project", sa.String(length=80), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.Column("drawn_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("project", "call_id"),
    )
    op.create_index("ix_call_pictures_drawn_at", "call_pictures", ["drawn_at"])


def downgrade() -> None:
    op.drop_table("call_pictures")
