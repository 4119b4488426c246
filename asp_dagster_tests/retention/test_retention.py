"""The retention asset erases what is due, wherever it lies, and proves it."""

import gzip
import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from asp_dagster.landing import RawStore, open_store
from asp_dagster.landing.erasing.raw_files import FileChangedError, RawEraser
from asp_dagster.retention import build_retention
from asp_dagster.warehouse import Warehouse
from asp_dagster_tests.outcomes import failure_of
from asp_dagster_tests.retention.looking import (
    UNTIL,
    Erase,
    Land,
    ScriptedNow,
    customers,
    metadata_of,
    whole_content,
)

MONTH = timedelta(days=30)
YEAR = timedelta(days=365)
DAY = timedelta(days=1)
FIRST, SECOND = ((UNTIL - DAY * back).date().isoformat() for back in (3, 2))


def _records(store: RawStore) -> list[dict[str, Any]]:
    """Return the fulfilment orders as they lie there."""
    (name,) = store.names("raw_fulfilment/")
    return [json.loads(line) for line in gzip.decompress(store.read(name)).splitlines()]


def _emails(records: list[dict[str, Any]]) -> set[bytes]:
    return {mail.encode() for each in records for mail in each.get("notificationEmails", [])}


def _due(records: list[dict[str, Any]], now: ScriptedNow) -> list[dict[str, Any]]:
    before = (now.moment - MONTH).strftime("%Y-%m-%dT%H:%M:%SZ")
    return [each for each in records if each["deliveryWindow"]["endDate"] <= before]


def _check(result: dg.ExecuteInProcessResult) -> bool:
    (check,) = result.get_asset_check_evaluations()
    return check.passed


def test_due_orders_are_gone_everywhere(
    land: Land, erase: Erase, now: ScriptedNow, tmp_path: Path
) -> None:
    """No byte of raw files, warehouse and state tells of a due order's customer; others stay."""
    land([])
    store = open_store(str(tmp_path / "raw"))
    now.moment = UNTIL + DAY + MONTH
    before = _records(store)
    due = _emails(_due(before, now))
    young = _emails(before) - due
    assert due
    assert young

    result = erase()

    assert result.success
    assert _check(result)
    for folder in ("raw", "warehouse.duckdb", "state.db"):
        left = tmp_path / folder
        content = whole_content(left) if left.is_dir() else left.read_bytes()
        assert not due & customers(content)
    assert _emails(_records(store)) == young
    stored = Warehouse.from_url(f"duckdb:///{tmp_path / 'warehouse.duckdb'}").query(
        "SELECT seller_fulfillment_order_id AS id, array_to_string(notification_emails, ' ') AS m"
        " FROM amazon.fulfilment WHERE m IS NOT NULL"
    )
    assert {mail.encode() for mail in stored.column("m").to_pylist()} == young
    assert len(_records(store)) == len(before)


def test_lines_of_a_report(land: Land, erase: Erase, now: ScriptedNow, tmp_path: Path) -> None:
    """A line counts from its delivery, in the file as in the table; all else of it stays."""
    land([FIRST, SECOND])
    now.moment = UNTIL - DAY * 2 + MONTH

    assert _check(erase())

    first, second = (
        (tmp_path / "raw" / "raw_shipping" / f"{day}.tsv").read_bytes() for day in (FIRST, SECOND)
    )
    assert (len(customers(first)), len(customers(second))) == (0, 3)
    rows = Warehouse.from_url(f"duckdb:///{tmp_path / 'warehouse.duckdb'}").query(
        "SELECT _partition AS p, count(buyer_email) AS n, count(sku) AS s FROM amazon.shipping"
        " GROUP BY p ORDER BY p"
    )
    assert rows.to_pylist() == [{"p": FIRST, "n": 0, "s": 3}, {"p": SECOND, "n": 3, "s": 3}]


def test_proof(land: Land, erase: Erase, now: ScriptedNow) -> None:
    """The materialization tells what was read, what was erased, and what is due next."""
    land([FIRST])
    now.moment = UNTIL + DAY + MONTH

    result = erase()

    found = metadata_of(result)
    feeds = {each["feed"]: each for each in found["by_feed"]}
    tables = {each["table"]: each for each in found["by_table"]}
    assert (found["files_examined"], found["files_rewritten"], found["files_deleted"]) == (2, 2, 0)
    assert feeds["raw_fulfilment"]["records_erased"] == tables["amazon.fulfilment"]["rows_erased"]
    assert found["rows_erased"] == sum(each["rows_erased"] for each in tables.values())
    assert found["records_examined"] >= found["records_erased"] > 0
    assert found["overdue"] == 0
    assert found["next_due"] > now.moment.timestamp()
    assert found["cannot_be_erased"] == "Nothing."
    assert found["rule"].startswith("30 days after delivery")
    assert b"synthetic-buyer" not in repr(found).encode()


def test_second_run_reads_and_writes_nothing(
    land: Land, erase: Erase, now: ScriptedNow, anywhere: str
) -> None:
    """What is known to hold nothing that is due is neither read nor written again."""
    land([FIRST, SECOND], ASP_RAW_PATH=anywhere)
    now.moment = UNTIL + DAY + MONTH
    erase(ASP_RAW_PATH=anywhere)
    store = open_store(anywhere)
    once = store.files("")

    found = metadata_of(erase(ASP_RAW_PATH=anywhere))

    assert store.files("") == once
    assert (found["files_examined"], found["files_unread"]) == (0, 3)
    assert (found["records_erased"], found["rows_erased"], found["overdue"]) == (0, 0, 0)


def test_file_is_read_again_when_the_next_of_it_is_due(
    land: Land, erase: Erase, now: ScriptedNow
) -> None:
    """A file that holds younger orders is read again once the first of these is due."""
    land([])
    now.moment = UNTIL + DAY + MONTH
    first = metadata_of(erase())
    now.moment += YEAR

    found = metadata_of(erase())

    assert first["records_erased"] + found["records_erased"] == found["records_examined"]
    assert "next_due" not in found


def test_what_is_landed_again_is_erased_again(
    land: Land, erase: Erase, now: ScriptedNow, tmp_path: Path
) -> None:
    """A partition that is extracted anew brings its customers back until the next run."""
    land([FIRST])
    now.moment = UNTIL + YEAR
    erase()
    land([FIRST])
    file = tmp_path / "raw" / "raw_shipping" / f"{FIRST}.tsv"
    assert customers(file.read_bytes())

    found = metadata_of(erase())

    assert found["files_rewritten"] == 1
    assert not customers(file.read_bytes())


def test_dry_run_only_counts(land: Land, erase: Erase, now: ScriptedNow, tmp_path: Path) -> None:
    """A dry run changes nothing, tells what is due, and its check fails if anything is."""
    land([FIRST])
    now.moment = UNTIL + YEAR
    before = whole_content(tmp_path / "raw")

    result = erase({"dry_run": True})

    assert metadata_of(result)["records_erased"] > 0
    assert not _check(result)
    assert whole_content(tmp_path / "raw") == before


def test_demand_of_deletion(land: Land, erase: Erase, now: ScriptedNow, tmp_path: Path) -> None:
    """With `keep_days: 0` all that there is goes at once."""
    land([FIRST, SECOND])
    now.moment = UNTIL + DAY

    result = erase({"keep_days": 0})

    assert _check(result)
    assert not customers(whole_content(tmp_path))


@pytest.fixture
def tagged(feeds_folder: Path) -> Callable[[str], None]:
    """Give the feed of fulfilment orders a time of its own."""

    def tag(days: str) -> None:
        file = feeds_folder / "fulfilment" / "defs.yaml"
        declared = yaml.safe_load(file.read_text())
        declared["attributes"]["tags"] = {"asp_dagster/keep_personal_data": days}
        file.write_text(yaml.safe_dump(declared))

    return tag


def test_single_feed_that_is_kept_longer(
    land: Land, erase: Erase, now: ScriptedNow, tmp_path: Path, tagged: Callable[[str], None]
) -> None:
    """A feed may have a time of its own, where a law requires it; a demand overrules it."""
    land([FIRST])
    tagged("3650-days")
    now.moment = UNTIL + YEAR

    result = erase()

    assert _check(result)
    assert metadata_of(result)["rule"].endswith("; raw_fulfilment 3650 days")
    assert customers(whole_content(tmp_path / "raw" / "raw_fulfilment"))
    assert not customers(whole_content(tmp_path / "raw" / "raw_shipping"))
    assert _check(erase({"keep_days": 0}))
    assert not customers(whole_content(tmp_path / "raw"))


def test_time_that_is_no_number(erase: Erase, tagged: Callable[[str], None]) -> None:
    """A tag that is no number of days fails, and names its feed."""
    tagged("ten years")

    assert "raw_fulfilment: the tag asp_dagster/keep_personal_data is" in failure_of(erase())


def test_postgresql(land: Land, erase: Erase, now: ScriptedNow, new_postgres_url: str) -> None:
    """In PostgreSQL due rows lose their customers as well."""
    land([FIRST, SECOND], ASP_WAREHOUSE=new_postgres_url)
    now.moment = UNTIL + YEAR

    result = erase(ASP_WAREHOUSE=new_postgres_url)

    assert _check(result)
    rows = Warehouse.from_url(new_postgres_url).query(
        "SELECT count(*) AS n, count(notification_emails) AS m FROM amazon.fulfilment"
    )
    assert [(row["n"] > 0, row["m"]) for row in rows.to_pylist()] == [(True, 0)]


def test_files_of_no_feed_are_told(erase: Erase, tmp_path: Path) -> None:
    """A raw file that no declared feed has is told: nobody knows what is personal in it."""
    (tmp_path / "raw" / "raw_gone").mkdir(parents=True)
    (tmp_path / "raw" / "raw_gone" / "latest.jsonl").write_text("{}\n")

    found = metadata_of(erase())

    assert found["files_of_no_feed"] == 1
    assert "1 raw files belong to no declared feed" in found["cannot_be_erased"]


def test_file_that_is_broken(erase: Erase, now: ScriptedNow, tmp_path: Path) -> None:
    """A file that cannot be read is told by name, and deleted once all of it is due."""
    file = tmp_path / "raw" / "raw_shipping" / f"{FIRST}.tsv"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"buyer-name\tsku\nAda\tLovelace\t1\n")
    now.moment = UNTIL

    told = metadata_of(erase())
    assert "3 cells where the header has 2" in told["cannot_be_erased"]
    assert file.exists()

    now.moment += MONTH
    assert metadata_of(erase())["files_deleted"] == 1
    assert not file.exists()


def test_snapshot_counts_from_its_writing_though_it_was_rewritten(
    erase: Erase, now: ScriptedNow, tmp_path: Path
) -> None:
    """An erasure in a file does not make its other values younger."""
    folder = tmp_path / "raw" / "raw_fulfilment"
    folder.mkdir(parents=True)
    file = folder / "any.jsonl"
    due = {"notificationEmails": ["a@x.example"], "statusUpdatedDate": "2020-01-01T00:00:00Z"}
    file.write_text(f"{json.dumps(due)}\n{json.dumps({'notificationEmails': ['b@x.example']})}\n")
    os.utime(file, times=((now.moment - DAY * 29).timestamp(),) * 2)
    erase()
    assert b"b@x" in file.read_bytes()

    now.moment += DAY * 2
    erase()

    assert b"b@x" not in file.read_bytes()


def test_file_that_a_run_writes_meanwhile(
    land: Land, erase: Erase, now: ScriptedNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is landed anew meanwhile is told, and left to the next run."""
    land([])
    now.moment = UNTIL + YEAR

    def changed(*_: Any) -> None:
        raise FileChangedError

    with monkeypatch.context() as patch:
        patch.setattr(RawEraser, "_rewrite", changed)
        found = metadata_of(erase())
    assert "a run has written it meanwhile" in found["cannot_be_erased"]

    assert metadata_of(erase())["files_rewritten"] == 1


def test_reread(land: Land, erase: Erase, now: ScriptedNow) -> None:
    """With `reread` all files are read again, and the check looks into all of them."""
    land([FIRST])
    now.moment = UNTIL
    erase()

    assert metadata_of(erase({"reread": True}))["files_examined"] == 2


def test_schedule_is_on_from_the_beginning() -> None:
    """To erase in time is a duty: nobody has to turn the schedule on."""
    (schedule,) = build_retention().schedules or []

    assert isinstance(schedule, dg.ScheduleDefinition)
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
