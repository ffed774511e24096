"""who looks after an incident, and what people wrote of it"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("incidents", sa.Column("assigned_to", sa.String(length=32)))
    op.add_column("incident_events", sa.Column("about", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("incident_events") as table:
        table.drop_column("about")
    with op.batch_alter_table("incidents") as table:
        table.drop_column("assigned_to")
