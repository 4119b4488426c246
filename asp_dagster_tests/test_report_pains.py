"""What users of other extractors suffer from when they ask for reports, and do not have here.

Each test is called after its row in the list of their pains. Row 18, character sets, is in
`test_encodings`, rows 19 and 20 in `test_hard_documents`, 21, size, in `test_large_reports`, and
22, headers, in `test_columns_of_reports`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from asp_dagster.catalog.declarations import DeclarationError
from asp_dagster.components import AmazonSPListedReport, AmazonSPReport
from asp_dagster.simulator import Simulator
from asp_dagster.spapi import ReportFatalError, ReportNotReadyError
from asp_dagster.state import State
from asp_dagster.warehouse import Warehouse
from asp_dagster_tests.conftest import RunFeed, RunJob, ScriptedClock
from asp_dagster_tests.declaring import definitions_of
from asp_dagster_tests.report_landing import BEFORE, DAY, REPORT_TYPE, US, Runs, small_seller

LONGER_THAN_A_RUN_SECONDS = 86400
KEY = DAY.start.date().isoformat()
ALL_ORDERS = {"name": "lines", "report_spec": {"reportType": REPORT_TYPE}, "file_format": "TSV"}
_HOUR, _NONE = timedelta(hours=1), timedelta(0)


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A small selling partner whose reports are made at once."""
    with small_seller() as running:
        yield running


@pytest.fixture
def runs(amazon: Simulator, tmp_path: Path) -> Iterator[Runs]:
    """Runs that share a ledger."""
    with State.from_url(f"sqlite:///{tmp_path / 'ledger.db'}") as state:
        yield Runs(amazon, state.reports)


def _rows(amazon: Simulator) -> int:
    return len(amazon.partner.all_orders_lines(DAY.start, DAY.end, [US]))


def _query(folder: Path, sql: str) -> Sequence[Mapping[str, Any]]:
    url = f"duckdb:///{folder / 'warehouse.duckdb'}"
    rows: Sequence[Mapping[str, Any]] = Warehouse.from_url(url).query(sql).to_pylist()
    return rows


def test_row_4_late_report_is_no_success_with_no_rows(
    runs: Runs, amazon: Simulator, clock: ScriptedClock
) -> None:
    """A report that does not come in time fails the run; the next one has all its rows."""
    amazon.let_reports_take(LONGER_THAN_A_RUN_SECONDS)
    with pytest.raises(ReportNotReadyError):
        runs.land(clock=clock)
    amazon.finish_reports()

    assert runs.land().rows == _rows(amazon) > 0


def test_row_4_throttled_report_is_no_success_with_no_rows(runs: Runs, amazon: Simulator) -> None:
    """A request that Amazon throttles is sent again until it is answered."""
    amazon.fault("createReport", 2, status=429)
    amazon.fault("getReport", 2, status=429)
    amazon.fault("getReportDocument", 2, status=429)

    assert runs.land(clock=ScriptedClock()).rows == _rows(amazon) > 0


def test_row_4_success_with_no_rows_is_told_and_warned_of_where_there_are_orders(
    amazon: Simulator, run_job: RunJob
) -> None:
    """An empty report says that it is empty by Amazon's word, and a check doubts it."""
    assert run_job(amazon, "orders_job", KEY).success
    amazon.end_next_report("CANCELLED")

    result = run_job(amazon, "all_orders_job", KEY)

    assert result.success
    [landed] = result.asset_materializations_for_node("raw_all_orders")
    [check] = [
        each
        for each in result.get_asset_check_evaluations()
        if each.check_name == "no_orders_where_the_report_is_empty"
    ]
    assert landed.metadata["empty_by_amazons_word"].value is True
    assert not check.passed


def test_row_5_cancelled_because_of_no_data_and_because_of_cool_down_are_told_apart(
    runs: Runs, amazon: Simulator
) -> None:
    """With a report of the type within the cool-down it is too soon; without one it is empty."""
    amazon.end_next_report("CANCELLED")
    assert runs.land(cool_down=_HOUR, reuse_age=_NONE).is_empty

    runs.land(cool_down=_HOUR, reuse_age=_NONE)
    amazon.end_next_report("CANCELLED")
    again = runs.land(cool_down=_HOUR, reuse_age=_NONE)

    assert not again.is_empty
    assert again.rows == _rows(amazon)


def test_row_6_fatal_without_a_reason_is_explained_by_its_document(
    runs: Runs, amazon: Simulator
) -> None:
    """The status says nothing, the document attached to it does: it is in the error."""
    amazon.end_next_report("FATAL", '{"errorDetails": "The date range is too long."}')

    with pytest.raises(ReportFatalError, match="The date range is too long"):
        runs.land()


def test_row_7_poll_that_times_out_does_not_create_the_report_again(
    runs: Runs, amazon: Simulator, clock: ScriptedClock
) -> None:
    """Run after run that loses patience goes on with the same report: quota is spent once."""
    amazon.let_reports_take(LONGER_THAN_A_RUN_SECONDS)
    for _ in range(3):
        with pytest.raises(ReportNotReadyError):
            runs.land(clock=clock)
    amazon.finish_reports()

    assert runs.land().rows > 0
    assert amazon.count("createReport") == 1


def test_row_8_presigned_url_that_has_expired_is_asked_for_anew(
    runs: Runs, amazon: Simulator
) -> None:
    """A download that is refused gets a new URL, and the report is not made again."""
    amazon.fault("downloadDocument", status=403)

    assert runs.land().rows > 0
    assert amazon.count("getReportDocument") == 2
    assert amazon.count("createReport") == 1


def test_row_9_settlements_are_listed_and_not_asked_for(
    amazon: Simulator, run_feed: RunFeed, tmp_path: Path
) -> None:
    """What cannot be requested is found: no createReport is refused, and there are rows."""
    assert run_feed(amazon, AmazonSPListedReport, {"feed": "settlements"}).success

    assert amazon.count("createReport") == 0
    [found] = _query(tmp_path, "SELECT count(*) AS n FROM amazon.settlement_lines")
    assert found["n"] > 0


def test_row_10_two_equal_lines_stay_two(
    amazon: Simulator, run_feed: RunFeed, tmp_path: Path
) -> None:
    """Without a key a window is replaced as a whole, and no line of it is taken for another."""
    line = "111-1\tSKU-1\t1\n"
    for _ in range(2):
        document = f"amazon-order-id\tsku\tquantity\n{line}{line}"
        amazon.end_next_report("DONE", document)
        declared = {**ALL_ORDERS, "partitions": "daily"}
        assert run_feed(amazon, AmazonSPReport, declared, KEY).success

    rows = _query(tmp_path, "SELECT amazon_order_id, sku, quantity FROM amazon.lines")
    assert rows == [{"amazon_order_id": "111-1", "sku": "SKU-1", "quantity": 1}] * 2


def test_row_11_windows_off_the_day_are_refused() -> None:
    """Days of another zone, which Amazon would widen to two, fail when they are loaded."""
    zone = {"every": "daily", "timezone": "America/Los_Angeles"}
    off = {"report": "GET_SALES_AND_TRAFFIC_REPORT", "partitions": zone}

    with pytest.raises(DeclarationError, match="looks at the dates alone"):
        definitions_of(AmazonSPReport, off)


def test_row_11_rows_bear_the_date_of_their_data(
    amazon: Simulator, run_job: RunJob, tmp_path: Path
) -> None:
    """The date is the document's own, whenever it was asked for."""
    assert run_job(amazon, "sales_and_traffic_job", KEY).success

    rows = _query(tmp_path, "SELECT date FROM amazon.sales_and_traffic_by_date")
    assert [row["date"] for row in rows] == [date.fromisoformat(KEY)]


def test_row_12_day_begins_in_the_declared_zone(
    amazon: Simulator, runs: Runs, run_feed: RunFeed
) -> None:
    """A partition is a day of the zone that is declared, and asked for as such."""
    zone = ZoneInfo("America/Los_Angeles")
    declared = {**ALL_ORDERS, "partitions": {"every": "daily", "timezone": zone.key}}
    assert run_feed(amazon, AmazonSPReport, declared, KEY).success

    with runs.client() as client:
        [made] = client.list("/reports/2021-06-30/reports", {"reportTypes": REPORT_TYPE})
    midnight = datetime.fromisoformat(KEY).replace(tzinfo=zone)
    assert datetime.fromisoformat(made["dataStartTime"]) == midnight
    end = datetime.fromisoformat(made["dataEndTime"])
    assert end == midnight + timedelta(days=1) - timedelta(milliseconds=1)


def test_row_13_data_that_still_change_are_told_and_replaced(
    amazon: Simulator, run_job: RunJob, tmp_path: Path
) -> None:
    """A day tells when its data are final; until then it is run again, and its rows replaced."""
    results = [run_job(amazon, "sales_and_traffic_job", KEY) for _ in range(2)]

    [landed] = results[1].asset_materializations_for_node("raw_sales_and_traffic")
    # Fourteen days after the day's end where it is counted: in Los Angeles.
    over_at = DAY.end.replace(tzinfo=ZoneInfo("America/Los_Angeles"))
    final = over_at.astimezone(UTC) + timedelta(days=14)
    assert landed.metadata["data_final_at"].value == final.timestamp()
    [found] = _query(tmp_path, "SELECT count(*) AS n FROM amazon.sales_and_traffic_by_date")
    assert found["n"] == 1


def test_row_14_windows_that_meet_share_no_row_and_lose_none(
    amazon: Simulator, run_feed: RunFeed, tmp_path: Path
) -> None:
    """Two days next to each other hold each line of both once."""
    for window in (BEFORE, DAY):
        key = window.start.date().isoformat()
        declared = {**ALL_ORDERS, "partitions": "daily"}
        assert run_feed(amazon, AmazonSPReport, declared, key).success

    rows = _query(tmp_path, "SELECT amazon_order_id FROM amazon.lines")
    lines = amazon.partner.all_orders_lines(BEFORE.start, DAY.end, [US])
    found = sorted(row["amazon_order_id"] for row in rows)
    assert found == sorted(line["amazon-order-id"] for line in lines)


def test_row_17_options_reach_amazon(amazon: Simulator, run_feed: RunFeed, tmp_path: Path) -> None:
    """What is declared is what the document was made by."""
    options = {"dateGranularity": "DAY", "asinGranularity": "SKU"}
    spec = {"reportType": "GET_SALES_AND_TRAFFIC_REPORT", "reportOptions": options}
    declared = {"report": spec["reportType"], "report_spec": spec, "name": "traffic"}

    assert run_feed(amazon, AmazonSPReport, declared, KEY).success

    [file] = (tmp_path / "raw" / "raw_traffic").rglob("*.json")
    assert json.loads(file.read_text())["reportSpecification"]["reportOptions"] == options


def test_row_23_restricted_report_is_fetched_with_a_restricted_token_at_once(
    amazon: Simulator, run_feed: RunFeed
) -> None:
    """What is known to hold personal data is not first asked for without the token it needs."""
    declared = {"report": "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_INVOICING", "pii": "include"}

    result = run_feed(amazon, AmazonSPReport, declared, KEY)

    assert result.success
    assert amazon.count("createRestrictedDataToken") == 1
    assert amazon.count("getReportDocument", 200) == amazon.count("getReportDocument")
