"""verdicts of the doctor in the threads of incidents"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("suspects") as batch:
        batch.add_column(sa.Column("kind", sa.String(length=32), nullable=False, server_default=""))
        batch.add_column(sa.Column("uid", sa.String(length=64), nullable=False, server_default=""))
        batch.add_column(sa.Column("confidence", sa.Float(), nullable=False, server_default="0"))
    op.create_table(
        "told_verdicts",
        sa.Column("incident_id", _ID, nullable=False),
        sa.Column("project", sa.String(length=80), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("incident_id", "project", "call_id"),
    )


def downgrade() -> None:
    op.drop_table("told_verdicts")
    with op.batch_alter_table("suspects") as batch:
        for name in ("kind", "uid", "confidence"):
            batch.drop_column(name)
    op.execute("DELETE FROM outbox WHERE kind = 'verdict'")
