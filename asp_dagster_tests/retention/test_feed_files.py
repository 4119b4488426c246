"""The raw files of a feed are known by their names, and count from their partitions' ends."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import Account, Feed, PartitionsSpec, ReportSpec
from asp_dagster.catalog.retention import Retentions
from asp_dagster.landing.raw_file import RawFile
from asp_dagster.retention.feed_files import FeedFile, files_of

NOW = datetime(2026, 11, 20, tzinfo=UTC)
RETENTIONS = Retentions()
ORDERS = Feed(
    name="raw_orders",
    group="orders",
    raw_format="jsonl",
    source=EndpointSpec(path="/orders/2026-01-01/orders", updated_at_param="lastUpdatedAfter"),
    partitions=PartitionsSpec(every="daily"),
    backfill="report",
)
LABELS = Feed(
    name="labels",
    group="files",
    raw_format="pdf",
    source=ReportSpec(report_type="GET_EASYSHIP_DOCUMENTS"),
    output="labels/{account}/{partition}",
    partitions=PartitionsSpec(every="daily"),
)


def _found(feed: Feed, *names: str) -> list[FeedFile]:
    return list(files_of(feed, [RawFile(name, 1, NOW, "v") for name in names], RETENTIONS))


@pytest.mark.parametrize(
    ("every", "zone", "name", "end"),
    [
        ("daily", "UTC", "2026-11-01.jsonl.gz", datetime(2026, 11, 2, tzinfo=UTC)),
        ("daily", "Asia/Tokyo", "2026-11-01.jsonl.gz", datetime(2026, 11, 1, 15, tzinfo=UTC)),
        ("hourly", "UTC", "2026-11-01-07:00.jsonl.gz", datetime(2026, 11, 1, 8, tzinfo=UTC)),
        ("monthly", "UTC", "2026-11-01/A1.jsonl.gz", datetime(2026, 12, 1, tzinfo=UTC)),
        ("daily", "UTC", "2026-11-01.report.tsv", datetime(2026, 11, 2, tzinfo=UTC)),
        ("daily", "UTC", "notes.txt", None),
    ],
)
def test_partition_of_a_file(every: str, zone: str, name: str, end: datetime | None) -> None:
    """A file counts from the end of the partition that its name tells, in the feed's zone."""
    partitions = PartitionsSpec(every=every, timezone=zone)  # type: ignore[arg-type] # parametrized

    (found,) = _found(replace(ORDERS, partitions=partitions), f"raw_orders/{name}")

    assert found.ends_at == end


def test_files_of_other_feeds() -> None:
    """A file of another feed, whose name begins alike, is not the feed's."""
    feed = replace(ORDERS, account=Account(name="acme"))

    names = ["acme/raw_orders/2026-11-01.jsonl.gz", "raw_orders/x", "acme/raw_orders_v0/x"]
    assert [each.file.name for each in _found(feed, *names)] == names[:1]


def test_form_of_a_file() -> None:
    """A part of a report beside records is read as a report, by its headers."""
    records, part = _found(ORDERS, "raw_orders/2026-11-01.jsonl.gz", "raw_orders/x.report.tsv")

    assert (records.form.raw_format, part.form.raw_format) == ("jsonl", "tsv")
    assert records.form.known.fields.is_personal("buyer.buyerName")
    assert part.form.known.fields.is_personal("buyer-name")


def test_files_with_names_of_their_own() -> None:
    """A file under a declared name is known by that, and counts from its writing."""
    feed = replace(LABELS, account=Account(name="acme"))

    (found,) = _found(feed, "labels/acme/2026-11-01.pdf", "labels/acme/x/y.pdf", "labels/x.pdf")

    assert found.file.name == "labels/acme/2026-11-01.pdf"
    assert found.ends_at is None
