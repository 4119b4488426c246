"""The tables of the shared state.

Here belong their columns, and how times are written. What the rows mean is said by the module that
writes them.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Double,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator


class UTCTime(TypeDecorator[datetime]):
    """An aware time in UTC, to the microsecond; SQLite, which knows no zones, gets it without."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Write a time."""
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Read a time."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


TABLES = MetaData()
"""All tables of the state; those that are missing are made when a process first needs any."""

CURSORS = Table(
    "asp_cursors",
    TABLES,
    Column("feed", Text, primary_key=True),
    Column("until", UTCTime),
    Column("updated_at", UTCTime, nullable=False),
    Column("set_by", Text, CheckConstraint("set_by IN ('run', 'hand')"), nullable=False),
    Column("run_id", Text),
)

REPORTS = Table(
    "asp_reports",
    TABLES,
    Column("number", Integer, primary_key=True),
    Column("key", Text, nullable=False),
    Column("report_type", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("requested_at", UTCTime, nullable=False),
    Column("updated_at", UTCTime, nullable=False),
    Column("report_id", Text),
    Column("document_id", Text),
    Column("landed_at", UTCTime),
    Column("rows", Integer),
    Column("reason", Text, nullable=False, server_default=""),
    Column("run_id", Text),
    Index("asp_reports_by_key", "key", "number"),
)

WAITING_REPORTS = Table(
    "asp_waiting_reports",
    TABLES,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("whose", Text, nullable=False),
    Column("asset", Text, nullable=False),
    Column("partition_key", Text, nullable=False),
    Column("asked_at", UTCTime, nullable=False),
    Column("ended_at", UTCTime),
    Index("asp_waiting_reports_by_asset", "asset", "partition_key"),
)

REPORT_LOOKS = Table(
    "asp_report_looks",
    TABLES,
    Column("whose", Text, primary_key=True),
    Column("due_at", UTCTime, nullable=False),
    Column("place", Text, nullable=False),
)

ERASURES = Table(
    "asp_erasures",
    TABLES,
    Column("file", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("known", Text, nullable=False),
    Column("written_at", UTCTime, nullable=False),
    Column("earliest", UTCTime),
)

NOTIFICATIONS = Table(
    "asp_notifications",
    TABLES,
    Column("notification_id", Text, primary_key=True),
    Column("queue", Text, nullable=False),
    Column("notification_type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("happened_at", UTCTime, nullable=False),
    Column("noted_at", UTCTime, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("receipt", Text),
)

CHANGED_ORDERS = Table(
    "asp_changed_orders",
    TABLES,
    Column("notification_id", Text, primary_key=True),
    Column("feed", Text, primary_key=True),
    Column("queue", Text, nullable=False),
    Column("order_id", Text, nullable=False),
    Column("happened_at", UTCTime, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("due_at", UTCTime),
    Column("run_key", Text),
    Column("partition_key", Text),
    Column("stored_at", UTCTime),
    Index("asp_changed_orders_by_run", "queue", "run_key"),
)

UNSERVED = Table(
    "asp_unserved_notifications",
    TABLES,
    Column("queue", Text, primary_key=True),
    Column("seller_id", Text, primary_key=True),
    Column("marketplace_id", Text, primary_key=True),
    Column("messages", Integer, nullable=False),
    Column("last_at", UTCTime, nullable=False),
)

SET_ASIDE = Table(
    "asp_set_aside_messages",
    TABLES,
    Column("number", Integer, primary_key=True),
    Column("queue", Text, nullable=False),
    Column("message_id", Text, nullable=False, unique=True),
    Column("reason", Text, nullable=False),
    Column("set_aside_at", UTCTime, nullable=False),
)

QUOTA_BUCKETS = Table(
    "asp_quota_buckets",
    TABLES,
    Column("whose", Text, primary_key=True),
    Column("operation", Text, primary_key=True),
    Column("learned_rate", Double),
    Column("tokens", Double, nullable=False),
    Column("age", Double, nullable=False),
    Column("sent", BigInteger, nullable=False),
    Column("tickets", BigInteger, nullable=False),
    Column("waiting", JSON, nullable=False),
    Column("under_way", JSON, nullable=False),
    Column("wall", Double, nullable=False),
    Column("monotonic", Double),
)
