"""What a person sees and clicks in Dagster's UI."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from asp_dagster_tests.browser.conftest import DAYS, LOCATION, UI, UNTIL
from asp_dagster_tests.processes import wait_until

LATEST = (UNTIL - timedelta(days=1)).date().isoformat()
EARLIEST = (UNTIL - timedelta(days=DAYS)).date().isoformat()
RUNS_OF_ALL = DAYS // 30
"""A run takes as many days as a report holds."""

FIRST, LAST = ((UNTIL - timedelta(days=days)).date().isoformat() for days in (8, 4))
FAILING = (UNTIL - timedelta(days=20)).date().isoformat()

Picture = Callable[..., Path]

pytestmark = pytest.mark.timeout(600)


def _materialize(page: Page, ui: UI, partitions: str) -> None:
    """Launch the group of the orders for partitions, by the buttons that a person clicks."""
    page.goto(f"{ui.url}{LOCATION}/asset-groups/orders/lineage")
    page.get_by_role("button", name="Materialize all").click()
    dialog = page.get_by_role("dialog")
    chosen = dialog.get_by_role("textbox").first
    chosen.fill(partitions)
    chosen.press("Enter")
    dialog.get_by_role("button", name=re.compile("^Launch ")).last.click()
    expect(dialog).to_be_hidden()


def _wait_for_runs(ui: UI, count: int) -> list[str]:
    """Wait until so many runs have ended, and return their states, the newest first."""
    ended = {"SUCCESS", "FAILURE", "CANCELED"}
    wait_until(
        lambda: [run["status"] in ended for run in ui.runs()] == [True] * count,
        f"{count} runs end",
        seconds=240,
    )
    return [run["status"] for run in ui.runs()]


def test_the_graph_shows(page: Page, ui: UI) -> None:
    """The graph of assets leads from raw files to tables, in groups."""
    page.goto(f"{ui.url}{LOCATION}/asset-groups/orders/lineage")

    for name in ("raw_orders", "orders", "order_items"):
        expect(page.get_by_text(name, exact=True).first).to_be_visible()


def test_a_partition_is_materialized_by_clicking(page: Page, ui: UI, picture: Picture) -> None:
    """A day that is launched in the dialog lands and loads; numbers and preview are shown."""
    before = len(ui.runs())

    _materialize(page, ui, LATEST)

    assert _wait_for_runs(ui, before + 1)[0] == "SUCCESS"
    page.goto(f"{ui.url}/assets/orders?view=partitions&partition={LATEST}")
    for name in ("rows", "window_start", "preview", "dagster/table_name"):
        expect(page.get_by_text(name, exact=True).first).to_be_visible()
    expect(page.get_by_text("total_amount", exact=True).first).to_be_attached()
    picture("materialization")


def test_a_backfill_ends_green(page: Page, ui: UI, picture: Picture) -> None:
    """Five days are launched at once, and the page of backfills says that they are completed."""
    before = len(ui.runs())

    _materialize(page, ui, f"[{FIRST}...{LAST}]")

    assert _wait_for_runs(ui, before + 1)[0] == "SUCCESS"
    backfills = """{ partitionBackfillsOrError { ... on PartitionBackfills {
      results { status } } } }"""
    wait_until(
        lambda: (
            [each["status"] for each in ui.ask(backfills)["partitionBackfillsOrError"]["results"]]
            == ["COMPLETED_SUCCESS"]
        ),
        "The backfill ends",
        seconds=120,
    )
    page.goto(f"{ui.url}/runs/b")
    picture("backfill")
    page.goto(f"{ui.url}/assets/raw_orders?view=overview")
    page.get_by_role("button", name="Plots").first.click()
    expect(page.get_by_text("api_calls", exact=True).first).to_be_visible()
    picture("plots")


def test_a_failing_feed_tells_the_remedy(page: Page, ui: UI, picture: Picture) -> None:
    """The page of a failed run shows what to do, in a sentence."""
    before = len(ui.runs())
    ui.amazon.fault("searchOrders", times=20, status=403)

    _materialize(page, ui, FAILING)

    assert _wait_for_runs(ui, before + 1)[0] == "FAILURE"
    page.goto(f"{ui.url}/runs/{ui.runs()[0]['runId']}")
    expect(page.get_by_text("authorise").first).to_be_visible()
    picture("remedy")


def test_the_picture_of_sales_renders(page: Page, ui: UI, picture: Picture) -> None:
    """With all days landed, the graph is full and the chart of their sales is shown in the UI."""
    before = len(ui.runs())
    _materialize(page, ui, f"[{EARLIEST}...{LATEST}]")
    _wait_for_runs(ui, before + RUNS_OF_ALL)
    page.goto(f"{ui.url}{LOCATION}/asset-groups/orders/lineage")
    expect(page.get_by_text("100% filled")).to_have_count(3)
    picture("ui")

    page.goto(f"{ui.url}/assets/sales_overview")
    page.get_by_role("button", name="Materialize").first.click()

    assert _wait_for_runs(ui, before + RUNS_OF_ALL + 1)[0] == "SUCCESS"
    page.goto(f"{ui.url}/assets/sales_overview?view=events")
    page.get_by_text("[Show Markdown]").first.click()
    dialog = page.get_by_role("dialog")
    shown = dialog.locator("img").first
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.complete && image.naturalWidth > 300")
    picture("sales_overview", dialog)
