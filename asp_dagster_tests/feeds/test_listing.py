"""The list of the ready feeds says what each costs, as the tables know it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from asp_dagster.feeds import ready_feed_text
from asp_dagster.feeds.__main__ import command
from asp_dagster.feeds.costs import feed_cost
from asp_dagster.feeds.listing import listing, markdown
from asp_dagster.feeds.ready import all_ready_feed_names, default_feed_names

PAGE = Path(__file__).parent.parent.parent / "docs" / "feeds.md"


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


@pytest.mark.parametrize(
    ("name", "calls"),
    [
        pytest.param("marketplace_participations", ["1 per run"], id="one-call"),
        pytest.param("sales_metrics", ["1 per marketplace"], id="per-marketplace"),
        pytest.param("vendor_purchase_orders", ["1 per 100 orders"], id="per-page"),
        pytest.param("financial_transactions", ["1 per page of transactions"], id="amazons-page"),
        pytest.param("listings", ["1 per marketplace and 20 items"], id="marketplace-and-page"),
        pytest.param("awd_inventory", ["1 per 200 inventory entries"], id="no-plural"),
        pytest.param(
            "inbound_shipments_v0", ["1 per marketplace and page of shipments"], id="data"
        ),
        pytest.param("financial_event_groups", ["1 per 100 financial event groups"], id="list"),
        pytest.param(
            "catalog_items",
            ["1 per marketplace and 20 values of order_items.asin"],
            id="values-of-a-table",
        ),
        pytest.param(
            "inbound_plans",
            [
                "1 per 30 inbound plans",
                "1 per inbound plan and 1000 items",
                "1 per inbound plan",
                "1 per shipment",
                "1 per shipment and 1000 items",
            ],
            id="extensions",
        ),
        pytest.param(
            "settlements", ["1 per 100 reports", "1 per new report"], id="reports-that-are-found"
        ),
        pytest.param("orders", ["1 per 100 orders"], id="default"),
        pytest.param(
            "sales_and_traffic",
            [
                "1 per marketplace and report",
                "1 per marketplace and look at a report",
                "1 per marketplace and report",
            ],
            id="reports-that-are-asked-for",
        ),
    ],
)
def test_calls(name: str, calls: list[str]) -> None:
    """What takes a call each follows from the declaration and the paging table."""
    assert list(map(str, feed_cost(name).calls)) == calls


@pytest.mark.parametrize(
    ("name", "window"),
    [
        pytest.param("fba_inventory", "all, at each run", id="snapshot"),
        pytest.param("settlements", "what is new, at each run", id="reports-that-are-found"),
        pytest.param("payouts", "since the last run, less 30 days", id="incremental"),
        pytest.param("listings", "daily", id="partitions"),
        pytest.param("vendor_purchase_orders", "daily, reaching back 6 days", id="lookback"),
    ],
)
def test_window(name: str, window: str) -> None:
    """Which stretch of time a run asks for is said in words."""
    assert feed_cost(name).window == window


def test_list_names_every_feed_with_its_usage_plan() -> None:
    """The command lists every feed once, each operation with its rate and burst."""
    output = _run().output

    assert output.splitlines() == listing().splitlines()
    *lines, _, told = output.splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")][1:] == [
        *default_feed_names(),
        *all_ready_feed_names(),
    ]
    assert told.startswith("all_orders, orders, orders_v0 and sales_and_traffic are on by default")
    [inventory] = [line for line in lines if "getInventorySummaries" in line]
    assert inventory.split()[-2:] == ["2", "2"]


def test_name_shows_the_declaration() -> None:
    """With a name, the command shows what the feed declares, comments included."""
    output = _run("fba_inventory").output

    assert output == ready_feed_text("fba_inventory")


@pytest.mark.parametrize(
    ("argument", "status", "words"),
    [
        pytest.param("--help", 0, "its declaration is shown", id="help"),
        pytest.param("fba_inventry", 2, "did you mean fba_inventory", id="misspelt"),
    ],
)
def test_other_answers(
    argument: str,
    status: int,
    words: str,
) -> None:
    """The command explains itself, and names the feeds when one is misspelt."""
    done = _run(argument)

    assert done.exit_code == status
    assert words in done.output


def test_list_for_the_docs_is_printed_alone() -> None:
    """What is asked for beside it would be passed over, so it is refused."""
    assert _run("--markdown", "--json").exit_code == _run("orders", "--markdown").exit_code == 2


def test_page_is_what_the_command_prints() -> None:
    """The page in the docs is printed by the same code; if this fails, print it again."""
    output = _run("--markdown").output

    assert output == PAGE.read_text(encoding="utf-8")
    assert markdown() in PAGE.read_text(encoding="utf-8")


def test_programs_read_the_costs() -> None:
    """As JSON, each feed has its calls with the usage plan as numbers; a feed, what it declares."""
    feeds = {each["name"]: each for each in json.loads(_run("--json").output)}
    declared = json.loads(_run("fba_inventory", "--json").output)

    assert list(feeds) == [*default_feed_names(), *all_ready_feed_names()]
    assert [name for name in feeds if feeds[name]["is_default"]] == default_feed_names()
    assert feeds["fba_inventory"]["calls"] == [
        {
            "operation": "getInventorySummaries",
            "per": ["marketplace", "page of inventory summaries"],
            "rate": 2.0,
            "burst": 2,
        }
    ]
    assert declared["path"] == "/fba/inventory/v1/summaries"
