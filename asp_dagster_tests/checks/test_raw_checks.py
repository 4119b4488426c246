"""What is told before Amazon is asked: secrets that expire, and operations that go."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.catalog.feeds import Account, Feed, ReportSpec
from asp_dagster.checks import removals, secret_age
from asp_dagster.checks.raw_check import Asking
from asp_dagster.checks.running import raw_check_results
from asp_dagster.components import AmazonSPApi
from asp_dagster.resources import AmazonSPResource
from asp_dagster.simulator import Simulator

TODAY = datetime.now(UTC).date()
RAW = dg.AssetKey("raw_orders")
LOGIN = {"client_id": "c", "client_secret": "s", "refresh_token": "r"}
PARTICIPATIONS = {"name": "participations", "path": "/sellers/v1/marketplaceParticipations"}
V0 = {
    "name": "orders",
    "path": "/orders/v0/orders",
    "params": {"MarketplaceIds": "{marketplace_ids}"},
}
RunFeed = Callable[..., dg.ExecuteInProcessResult]


def asked(
    feed: Feed, today: date = TODAY, **settings: Any
) -> Mapping[str | None, dg.AssetCheckResult]:
    """What the raw checks of a feed find, by name."""
    amazon = AmazonSPResource(**{**LOGIN, **settings})
    found = raw_check_results(Asking(feed=feed, amazon=amazon, today=today), RAW)
    return {check.check_name: check for check in found}


def feed_of(attributes: Mapping[str, Any]) -> Feed:
    """The feed of a declaration."""
    return AmazonSPApi.from_attributes_dict(attributes=dict(attributes)).declared()


@pytest.mark.parametrize(
    ("days", "passed"),
    [
        pytest.param(149, True, id="149-days"),
        pytest.param(150, False, id="150-days"),
        pytest.param(200, False, id="expired"),
    ],
)
def test_old_secret_is_warned_of(days: int, *, passed: bool) -> None:
    """From 150 days on, the client secret's age is told, with the day on which it expires."""
    issued = TODAY - timedelta(days=days)

    check = asked(feed_of(PARTICIPATIONS), client_secret_issued=issued.isoformat())[secret_age.NAME]

    assert check.passed is passed
    assert check.severity is dg.AssetCheckSeverity.WARN
    assert check.metadata["days"].value == days
    assert (issued + timedelta(days=180)).isoformat() in (check.description or "")


def test_secret_of_unknown_age_is_not_judged() -> None:
    """Without the day of issue the check passes, and says where to write it."""
    check = asked(feed_of(PARTICIPATIONS))[secret_age.NAME]

    assert check.passed
    assert "ASP_CLIENT_SECRET_ISSUED" in (check.description or "")


def test_day_of_issue_that_is_none_is_told() -> None:
    """A day that is none fails the check and not the run, and says how to write it."""
    check = asked(feed_of(PARTICIPATIONS), client_secret_issued="June")[secret_age.NAME]

    assert not check.passed
    assert "write it as 2026-06-01" in (check.description or "")


def test_day_of_issue_stands_beside_named_credentials(tmp_path: Path) -> None:
    """A TOML file of credentials holds the day as TOML writes one."""
    file = tmp_path / "credentials.toml"
    file.touch(mode=0o600)
    login = "".join(f'{name} = "x"\n' for name in LOGIN)
    file.write_text(f"[acme]\n{login}client_secret_issued = {TODAY - timedelta(days=170)}\n")
    feed = Feed(
        name="raw_x",
        group="x",
        source=ReportSpec(report_type="GET_ORDERS"),
        raw_format="tsv",
        account=Account(credentials="acme"),
    )

    check = asked(feed, credentials_file=str(file))[secret_age.NAME]

    assert check.metadata["days"].value == 170


def test_operation_that_goes_is_warned_of() -> None:
    """From 120 days before its end on, an operation is told, with its successor."""
    feed = feed_of(
        {
            **V0,
            "extend_resources": [
                {
                    "new_field_name": "items",
                    "path": "/orders/v0/orders/{}/orderItems",
                    "path_variable_name": "AmazonOrderId",
                }
            ],
        }
    )
    end = date(2027, 3, 27)

    assert asked(feed, end - timedelta(days=121))[removals.NAME].passed
    check = asked(feed, end - timedelta(days=120))[removals.NAME]

    assert not check.passed
    assert check.metadata["days_left"].value == 120
    assert "/orders/2026-01-01/orders" in (check.description or "")


def test_report_type_that_goes_is_warned_of() -> None:
    """A removed report type is told, as an operation is."""
    source = ReportSpec(report_type="GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE")
    feed = Feed(name="raw_settlements", group="x", source=source, raw_format="tsv")

    check = asked(feed, date(2026, 11, 1))[removals.NAME]

    assert not check.passed
    assert "V2" in (check.description or "")


def test_what_stays_has_no_check_of_its_end() -> None:
    """Of an operation without an announced end, nothing is asked."""
    assert removals.NAME not in asked(feed_of(PARTICIPATIONS))


def test_old_secret_is_told_by_the_run(simulator: Simulator, run_feed: RunFeed) -> None:
    """A run evaluates the check before it asks Amazon, and goes on."""
    issued = (TODAY - timedelta(days=160)).isoformat()

    result = run_feed(simulator, AmazonSPApi, PARTICIPATIONS, ASP_CLIENT_SECRET_ISSUED=issued)

    assert result.success
    checks = {each.check_name: each for each in result.get_asset_check_evaluations()}
    assert not checks[secret_age.NAME].passed
