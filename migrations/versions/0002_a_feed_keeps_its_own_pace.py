"""a feed keeps its own pace: when it is read next, how far apart, and what the poller remembers"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("feeds") as feeds:
        feeds.add_column(sa.Column("due_at", sa.Float(), nullable=False, server_default="0"))
        feeds.add_column(sa.Column("pace_s", sa.Integer(), nullable=False, server_default="0"))
        feeds.add_column(sa.Column("reading", sa.JSON(), nullable=True))
    with op.batch_alter_table("feeds") as feeds:
        feeds.alter_column("due_at", server_default=None)
        feeds.alter_column("pace_s", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("feeds") as feeds:
        feeds.drop_column("reading")
        feeds.drop_column("pace_s")
        feeds.drop_column("due_at")
