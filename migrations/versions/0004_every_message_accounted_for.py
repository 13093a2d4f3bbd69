"""every_message_accounted_for"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_post_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_post_id"], ["post.id"], name=op.f("fk_absence_by_post_id_post")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_absence_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index("ix_absence_person_id", "absence", ["person_id"])

    op.create_table(
        "address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_address_person_id_person")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_address_post_id_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address")),
        sa.UniqueConstraint(
            "person_id", "channel", "value", name=op.f("uq_address_person_id_channel_value")
        ),
    )
    op.create_index("ix_address_channel_value", "address", ["channel", "value"])

    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("telling", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("sign_within", sa.Integer(), nullable=True),
        sa.Column("about_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_post_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["about_id"], ["announcement.id"], name=op.f("fk_announcement_about_id_announcement")
        ),
        sa.ForeignKeyConstraint(
            ["by_post_id"], ["post.id"], name=op.f("fk_announcement_by_post_id_post")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_announcement_campaign_id_campaign")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
    )
    op.create_index("ix_announcement_about_id", "announcement", ["about_id"])

    op.create_table(
        "announced_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcement.id"],
            name=op.f("fk_announced_file_announcement_id_announcement"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announced_file")),
    )
    op.create_index("ix_announced_file_announcement_id", "announced_file", ["announcement_id"])

    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_attempt_message_id_message")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index("ix_attempt_message_id", "attempt", ["message_id"])

    op.create_table(
        "signature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("within", sa.Integer(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("again_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("head_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_from", sa.String(length=200), nullable=True),
        sa.Column("signed_message_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_signature_message_id_message")
        ),
        sa.ForeignKeyConstraint(
            ["signed_message_id"],
            ["message.id"],
            name=op.f("fk_signature_signed_message_id_message"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
        sa.UniqueConstraint("message_id", name=op.f("uq_signature_message_id")),
    )
    op.create_index("ix_signature_next_at", "signature", ["next_at"])

    with op.batch_alter_table("message") as message:
        message.add_column(sa.Column("resends", sa.Integer(), server_default="0", nullable=False))
        message.add_column(
            sa.Column("again", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        for column, other in (("origin_id", "message"), ("announcement_id", "announcement")):
            message.add_column(sa.Column(column, sa.Integer()))
            message.create_foreign_key(f"fk_message_{column}_{other}", other, [column], ["id"])
    op.create_index("ix_message_record", "message", ["leaves_at", "sent_at", "kind", "campaign_id"])
    for name, column in (
        ("ix_message_origin_id", "origin_id"),
        ("ix_message_announced", "announcement_id"),
    ):
        few = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, "message", [column], sqlite_where=few, postgresql_where=few)
    with op.batch_alter_table("message_item") as item:
        item.add_column(sa.Column("signature_id", sa.Integer()))
        item.add_column(sa.Column("again", sa.Boolean(), server_default=sa.false(), nullable=False))
        item.create_foreign_key(
            "fk_message_item_signature_id_signature", "signature", ["signature_id"], ["id"]
        )
    few = sa.text("signature_id IS NOT NULL")
    op.create_index(
        "ix_message_item_signature_id",
        "message_item",
        ["signature_id"],
        sqlite_where=few,
        postgresql_where=few,
    )
    _carry_addresses_over()
    op.drop_column("person", "wecom")
    op.drop_column("person", "email")
    op.add_column("round", sa.Column("held_why", sa.Text()))
    op.add_column("round", sa.Column("released_at", sa.DateTime(timezone=True)))
    few = sa.text("message_id IS NULL AND dropped IS NULL")
    op.create_index(
        "ix_message_item_waiting",
        "message_item",
        ["person_id"],
        sqlite_where=few,
        postgresql_where=few,
    )


def _carry_addresses_over() -> None:
    """What the roster knew of each person becomes their first addresses, the mailbox first."""
    for position, channel in ((1, "email"), (2, "wecom")):
        op.execute(
            "INSERT INTO address (person_id, channel, value, position) "
            f"SELECT id, '{channel}', {channel}, {position} FROM person "
            f"WHERE {channel} IS NOT NULL"
        )
