"""no time of lists: nothing asks when a list last had a user in it"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("known_user", "listed_at")


def downgrade() -> None:
    op.add_column("known_user", sa.Column("listed_at", sa.BigInteger(), nullable=True))
