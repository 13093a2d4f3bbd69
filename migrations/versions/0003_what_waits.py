"""what_waits"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, table, column, where in (
        ("ix_obligation_waiting", "obligation", "deliverable_id", "state = '待审'"),
        ("ix_obligation_undated", "obligation", "deliverable_id", "due IS NULL"),
        ("ix_deadline_set_aside", "deadline", "campaign_id", "set_aside IS NOT NULL"),
    ):
        condition = sa.text(where)
        op.create_index(name, table, [column], sqlite_where=condition, postgresql_where=condition)
