"""`asp plan` tells what runs will cost, and asks nobody."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from asp_dagster.cli import asp
from asp_dagster_tests.cli.conftest import LOCATION as WHOLE_LOCATION

LOCATION = """\
import dagster as dg
from asp_dagster import EndpointSpec, Feed, InferredTable, build_feed_assets, build_resources

FEEDS = [
    Feed(
        name="raw_fresh",
        group="amazon",
        source=EndpointSpec(
            path="/orders/2026-01-01/orders",
            params={"marketplaceIds": "{marketplace_ids}"},
            updated_at_param="lastUpdatedAfter",
            updated_before_param="lastUpdatedBefore",
        ),
        raw_format="jsonl",
        tables=(InferredTable(name="fresh", key=("orderId",)),),
    ),
    Feed(
        name="everything",
        group="amazon",
        source=EndpointSpec(path="/sellers/v1/marketplaceParticipations"),
        raw_format="jsonl",
    ),
]

@dg.definitions
def defs():
    assets = [each for feed in FEEDS for each in build_feed_assets(feed)]
    return dg.Definitions(assets=assets, resources=build_resources())
"""


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let no setting be there, and the working folder be empty."""
    for name in ("ASP_ENDPOINT", "ASP_CLIENT_ID", "ASP_STATE", "DAGSTER_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def location(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A code location in the working folder, as a module that is not installed."""
    name = f"location_of_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(LOCATION)
    monkeypatch.syspath_prepend(tmp_path)
    return name


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(asp, ["plan", *arguments], catch_exceptions=False)


def _told(*arguments: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(_run(*arguments, "--json").stdout)
    return told


def test_plan_needs_neither_credentials_nor_an_instance(tmp_path: Path) -> None:
    """Without any setting the least is told, and nothing is left behind."""
    done = _run("orders_v0", "--from", "2026-11-01", "--to", "2026-11-03")

    assert done.exit_code == 0
    first, _, *rows, last = done.output.splitlines()
    assert first == "orders_v0: 2026-11-01 to 2026-11-03 in 3 runs, by the api"
    assert rows[0].split() == ["getOrders", "3+", "0.0167", "20", "0.0"]
    assert rows[1].split()[:4] == ["getOrderItems", "not", "known", "yet"]
    assert last == "at least 0.0 h at Amazon's pace"
    assert list(tmp_path.iterdir()) == []


def test_both_days_belong_to_the_stretch() -> None:
    """The first and the last day are both planned; one alone is one partition."""
    days = ["2026-11-01", "2026-11-02"]

    assert _told("orders", "--from", days[0], "--to", days[1])["windows"] == days
    assert _told("orders", "--to", days[0])["windows"] == days[:1]
    assert len(_told("orders")["windows"]) == 1


def test_a_year_of_orders_comes_by_reports() -> None:
    """A backfill is cut into runs as in the UI, and planned by the road that each takes."""
    stretch = ["--from", "2025-11-01", "--to", "2026-10-31"]
    quick, forced = _told("orders", *stretch), _told("orders", *stretch, "--road", "api")

    # The last run has five days left, which are quicker by five pages than by a report.
    assert (quick["runs"], quick["roads"]) == (13, ["report", "api"])
    assert {each["operation"]: each["calls"] for each in quick["calls"]} == {
        "createReport": 12,
        "searchOrders": 5,
    }
    assert (forced["roads"], forced["calls"][0]["calls"]) == (["api"], 365)
    assert forced["hours"] == pytest.approx((365 - 20) / 0.0056 / 3600, abs=0.01)


def test_incremental_feed_is_planned_from_its_cursor(location: str, tmp_path: Path) -> None:
    """Without days a feed without partitions goes on where its cursor stands."""
    url = f"sqlite:///{tmp_path / 'data' / 'state.db'}"
    before = _told("fresh", "-m", location)["windows"]
    assert not (tmp_path / "data").exists()
    CliRunner().invoke(asp, ["cursor", "--state", url, "set", "--new", "raw_fresh", "2026-11-01"])

    after = _told("fresh", "-m", location)["windows"]
    named = _told("fresh", "-m", location, "--from", "2026-10-01", "--to", "2026-10-02")["windows"]

    assert [before[0][:8], after[0][:8]] == ["20250101", "20261101"]
    assert named[0].startswith("20261001")
    assert "20261003" in named[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["order"], "No feed is called 'order'; did you mean orders", id="feed"),
        pytest.param(
            ["orders", "--to", "2024-01-01"], "the first begins on 2025-01-01", id="too-early"
        ),
        pytest.param(["orders", "-m", "nowhere"], "There is no module nowhere", id="module"),
        pytest.param(["orders", "-m", "a-b"], "'a-b' is no module's name", id="no-module"),
        pytest.param(["orders", "-m", "json"], "json has 0 definitions", id="no-definitions"),
        pytest.param(["all_orders", "--road", "api"], "is for feeds of orders", id="road"),
    ],
)
def test_what_cannot_be_planned(arguments: list[str], words: str) -> None:
    """What is not there is told in a sentence, with exit code 1."""
    done = _run(*arguments)

    assert done.exit_code == 1
    assert words in done.output


def test_wrong_declaration_is_told_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A code location that cannot be loaded is told in a sentence, with what is wrong where."""
    name = f"location_of_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(WHOLE_LOCATION)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("ASP_START_DATE", "soon")

    done = _run("orders", "-m", name)

    assert done.exit_code == 1
    assert done.stderr.startswith("Error: Error while building definitions for all_orders[0]: ASP")


def test_day_that_is_none_is_a_wrong_argument() -> None:
    """A day that cannot be read is refused with how one is written."""
    done = _run("orders", "--from", "yesterday")

    assert done.exit_code == 2
    assert "'yesterday' is no day: write 2026-11-01" in done.stderr


def test_snapshot_has_no_days(location: str) -> None:
    """A feed that takes all there is cannot be asked for days."""
    assert _told("everything", "-m", location)["windows"] == ["latest"]
    done = _run("everything", "-m", location, "--to", "2026-11-01")

    assert done.exit_code == 1
    assert "takes all there is" in done.output


def test_ready_feed_is_planned_before_it_is_declared(location: str) -> None:
    """A ready feed is planned as its name alone declares it, and the plan says what is missing."""
    done = _run("payouts", "-m", location, "--from", "2026-11-01")

    assert done.exit_code == 0
    assert "listPayouts" in done.stdout
    assert "Not declared yet: it is planned as it is ready." in done.stdout
    assert "`type: asp_dagster.AmazonSPApi`, `attributes: {feed: payouts}`" in done.stdout
    assert _told("payouts", "-m", location)["is_declared"] is False
    assert _told("fresh", "-m", location)["is_declared"] is True


@pytest.mark.parametrize(
    "name", ["orders", "sales_and_traffic", "settlements", "vendor_direct_fulfillment_orders"]
)
def test_ready_feed_of_any_component_is_planned(location: str, name: str) -> None:
    """Reports, listed reports, and what asks for personal data have a plan too."""
    assert _told(name, "-m", location)["calls"]


def test_values_that_are_not_there_yet_are_named(location: str) -> None:
    """A feed that takes values from a table says which has to be loaded before."""
    done = _run("catalog_items", "-m", location)

    assert done.exit_code == 1
    assert "asks for the values of order_items.asin, which cannot be read: load order_items" in (
        done.stderr
    )


def test_days_in_the_wrong_order_are_a_wrong_argument() -> None:
    """A last day before the first is refused with exit code 2."""
    done = _run("orders", "--from", "2026-11-05", "--to", "2026-11-01")

    assert done.exit_code == 2
    assert "--to 2026-11-01 is before --from 2026-11-05" in done.stderr


@pytest.mark.parametrize(
    ("feed", "told"),
    [
        pytest.param("orders_v0", "Warning: raw_orders_v0: path: Amazon removes ", id="its-own"),
        pytest.param("all_orders", "", id="of-another"),
    ],
)
def test_only_warnings_of_the_feed_are_told(
    feed: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody should know of a declaration is a sentence, and none of another feed."""
    name = f"location_of_{feed}_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(WHOLE_LOCATION)
    monkeypatch.syspath_prepend(tmp_path)

    assert _run(feed, "-m", name).stderr[:45] == told


def test_feed_names_are_completed(location: str, completed: Callable[..., list[str]]) -> None:
    """The feeds of the code location are completed, also of one that is named before."""
    assert completed("plan", "all") == ["all_orders"]
    assert completed("run", "-m", location, "") == ["everything", "fresh"]
    assert completed("run", "-m", "nowhere", "") == []
    assert completed("plan", "-m", location, "f") == [
        "fba_inventory",
        "financial_event_groups",
        "financial_events_v0",
        "financial_transactions",
        "fresh",
    ]


@pytest.fixture
def completed() -> Callable[..., list[str]]:
    """Complete the last of some words, as a shell has it done."""
    from click.shell_completion import ShellComplete  # noqa: PLC0415 - this fixture alone

    def complete(*words: str) -> list[str]:
        found = ShellComplete(asp, {}, "asp", "_ASP_COMPLETE")
        return [each.value for each in found.get_completions(list(words[:-1]), words[-1])]

    return complete
