"""The connection check says in one line each what is there, and what to do where it is not."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from click.testing import CliRunner
from filelock import FileLock

from asp_dagster.doctor.__main__ import command
from asp_dagster.simulator import Partner, Simulator

Declare = Callable[..., None]
Look = Callable[[str], tuple[int, str, str]]
Run = Callable[..., tuple[int, str]]

REPORT = {"report": "GET_SALES_AND_TRAFFIC_REPORT", "table": False}
DE = "A1PA6795UKMFR9"


def _asked(amazon: Simulator) -> list[str]:
    return [call.operation for call in amazon.calls]


def test_all_is_well(amazon: Simulator, declare: Declare, run: Run) -> None:
    """Where all is there, each line says so, at one call per operation and no secret's cost."""
    declare()
    declare("traffic", "AmazonSPReport", **REPORT)

    code, printed = run()

    lines = printed.splitlines()
    assert (code, {line.split()[0] for line in lines}) == (0, {"ok"})
    checks = [line.split(": ")[0].removeprefix("ok").strip() for line in lines]
    assert checks == [
        *("state", "warehouse", "raw path", "settings", "token", "marketplaces"),
        *("role of orders_2026-01-01", "role of reports_2021-06-30", "clock"),
    ]
    assert _asked(amazon) == [
        *("requestToken", "getMarketplaceParticipations", "searchOrders", "getReports")
    ]
    for secret in (amazon.client_secret, amazon.refresh_token, "Atza|"):
        assert secret not in printed


def test_nothing_is_left_behind(tmp_path: Path, run: Run) -> None:
    """What the check writes, it deletes."""
    run()

    assert list((tmp_path / "raw").rglob("*")) == []


def test_without_feeds_the_settings_are_looked_at(amazon: Simulator, run: Run) -> None:
    """Without any feed, the settings and the marketplaces are looked at all the same."""
    code, printed = run()

    assert code == 0
    assert "the partner takes part in ATVPDKIKX0DER; not configured: A2EUQ1WTGCTBG2" in printed
    assert _asked(amazon) == ["requestToken", "getMarketplaceParticipations"]


@pytest.mark.parametrize(
    ("changes", "check", "words"),
    [
        pytest.param({"ASP_CLIENT_SECRET": ""}, "settings", "ASP_CLIENT_SECRET", id="missing"),
        pytest.param({"ASP_ENDPOINT": "http://a.example"}, "settings", "https", id="plain"),
        pytest.param({"ASP_CLIENT_SECRET": "x"}, "token", "client secret is wrong", id="secret"),
        pytest.param({"ASP_REFRESH_TOKEN": "x"}, "token", "authorise", id="refresh-token"),
        pytest.param({"ASP_LWA_URL": "http://127.0.0.1:1/x"}, "token", "no answer", id="down"),
        pytest.param(
            {"ASP_MARKETPLACE_IDS": DE}, "marketplaces", f"not take part in {DE}", id="elsewhere"
        ),
        pytest.param(
            {"ASP_ENDPOINT": "https://sellingpartnerapi-na.amazon.com", "ASP_MARKETPLACE_IDS": DE},
            "settings",
            "belongs to the EU endpoint",
            id="region",
        ),
        pytest.param({"ASP_STATE": "sqlite:////dev/null/x"}, "state", "cannot be made", id="state"),
        pytest.param({"ASP_STATE": "mysql://x"}, "state", "no shared state", id="state-url"),
        pytest.param(
            {"ASP_WAREHOUSE": "postgresql://u:p@127.0.0.1:1/d"},
            "warehouse",
            "Cannot connect",
            id="warehouse",
        ),
        pytest.param({"ASP_WAREHOUSE": "mysql://x"}, "warehouse", "no warehouse", id="url"),
        pytest.param({"ASP_RAW_PATH": "/dev/null/raw"}, "raw path", "ASP_RAW_PATH", id="raw"),
        pytest.param({"ASP_RAW_PATH": "ftp://x"}, "raw path", "neither a folder", id="raw-url"),
    ],
)
def test_what_is_missing_is_told(
    changes: Mapping[str, str],
    check: str,
    words: str,
    look: Look,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A setting that is missing or wrong is told with its remedy, and the check fails."""
    for name, value in changes.items():
        monkeypatch.setenv(name, value)

    code, status, says = look(check)

    assert (code, status) == (1, "failed")
    assert words in says


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        pytest.param(403, "failed", "has the role this operation", id="role"),
        pytest.param(401, "failed", "authorisation is still in force", id="401"),
        pytest.param(503, "failed", "try again later", id="down"),
        pytest.param(429, "warning", "not answered", id="throttled"),
        pytest.param(400, "warning", "not answered", id="refused"),
        pytest.param(404, "ok", "there", id="empty"),
    ],
)
def test_role_shows_by_one_request(
    answer: int,
    status: str,
    words: str,
    amazon: Simulator,
    declare: Declare,
    look: Look,
) -> None:
    """What Amazon answers to a feed's one request says whether the role is there."""
    declare()
    amazon.fault("searchOrders", 5, status=answer)

    code, found, says = look("role of orders_2026-01-01")

    assert (code, found) == (int(status == "failed"), status)
    assert words in says
    assert max(Counter(_asked(amazon)).values()) == 1


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        pytest.param(403, "warning", "cannot be told where the partner sells", id="no-role"),
        pytest.param(500, "failed", "try again later", id="down"),
    ],
)
def test_marketplaces_that_are_not_told(
    answer: int, status: str, words: str, amazon: Simulator, look: Look
) -> None:
    """Without the role for it, the marketplaces are unknown, which keeps no feed from running."""
    amazon.fault("getMarketplaceParticipations", status=answer)

    code, found, says = look("marketplaces")

    assert (code, found) == (int(status == "failed"), status)
    assert words in says


def test_a_vendor_is_not_asked_what_sellers_have(
    amazon: Simulator, declare: Declare, look: Look
) -> None:
    """Vendors' feeds make a vendor, of whom no seller's operation is called."""
    declare("vendor_purchase_orders", feed="vendor_purchase_orders")
    declare("direct", feed="vendor_direct_fulfillment_orders", pii="include")
    declare("report", "AmazonSPReport", report="GET_VENDOR_REAL_TIME_INVENTORY_REPORT", table=False)

    _, status, says = look("marketplaces")

    assert (status, says) == ("skipped", "only sellers can be asked where they sell")
    assert "getMarketplaceParticipations" not in _asked(amazon)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(5, "behind Amazon's"), (-5, "ahead of Amazon's")],
    ids=["behind", "ahead"],
)
def test_a_clock_that_is_wrong_is_told(
    partner: Partner,
    minutes: int,
    words: str,
    look: Look,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A clock that is far from Amazon's is told by how much, from the Date of an answer."""

    class Clock:
        def now(self) -> datetime:
            return datetime.now(UTC) + timedelta(minutes=minutes)

    with Simulator(partner, speed=1e6, clock=Clock()) as skewed:
        monkeypatch.setenv("ASP_ENDPOINT", skewed.url)
        monkeypatch.setenv("ASP_LWA_URL", skewed.lwa_url)
        monkeypatch.setenv("ASP_CLIENT_SECRET", skewed.client_secret)
        code, status, says = look("clock")

    assert (code, status) == (1, "failed")
    assert words in says
    assert "NTP" in says


def test_a_clock_without_answers_is_not_told(amazon: Simulator, look: Look) -> None:
    """Without any answer, Amazon's time is not known."""
    amazon.fault("getMarketplaceParticipations", drop=True)

    assert look("clock")[1] == "skipped"


def test_without_a_token_nothing_is_asked(amazon: Simulator, declare: Declare, run: Run) -> None:
    """A login that fails is tried once, and what needs a token is left out."""
    declare()
    amazon.fault("requestToken", 5, status=500)

    _, printed = run()

    assert printed.count("skipped") == 3
    assert _asked(amazon) == ["requestToken"]


def test_what_needs_ids_is_left_to_runs(declare: Declare, run: Run) -> None:
    """An API that is asked for single ids only cannot be asked without any."""
    declare("catalog", feed="catalog_items")
    further = {
        "new_field_name": "offers",
        "path": "/products/pricing/v0/items/{}/offers",
        "path_variable_name": "orderId",
    }
    declare(
        path="/orders/v0/orders", updated_at_param="LastUpdatedAfter", extend_resources=[further]
    )

    _, printed = run()

    assert "is asked for values of the table" in printed
    assert "is asked for single ids (/products/pricing/v0/items/{}/offers)" in printed


def test_a_missing_seller_id_is_told(declare: Declare, look: Look) -> None:
    """A feed whose path needs a setting that is missing would fail, and the check says so."""
    declare("listings", feed="listings")

    code, status, says = look("roles")

    assert (code, status) == (1, "failed")
    assert "ASP_SELLER_ID" in says


def test_many_report_types_take_one_request(
    declare: Declare, look: Look, amazon: Simulator
) -> None:
    """Amazon lists ten types at once; more are not asked for, and that is told."""
    for number in range(12):
        spec = {"reportType": f"GET_TYPE_{number:02}"}
        declare(f"r{number}", "AmazonSPReport", report_spec=spec, file_format="TSV", table=False)

    says = look("role of reports_2021-06-30")[2]

    assert "GET_TYPE_09 and 2 more" in says
    assert amazon.count("getReports") == 1


def test_each_partner_is_looked_at_once(
    amazon: Simulator, declare: Declare, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Named accounts are looked at each, feeds of one that differ in marketplaces together."""
    for key in ("client_id", "client_secret", "refresh_token"):
        monkeypatch.setenv(f"ASP_CREDENTIALS_ACME_{key.upper()}", getattr(amazon, key))
    marketplaces = {"params": {"marketplaceIds": "{marketplace_ids}"}}
    orders = {"path": "/orders/2026-01-01/orders", "updated_at_param": "lastUpdatedAfter"}
    declare("one", **orders, **marketplaces, account="acme", marketplaces=["ATVPDKIKX0DER"])
    declare("two", **orders, **marketplaces, account="acme", marketplaces=["A2EUQ1WTGCTBG2"])

    _, printed = run()

    assert "acme: marketplaces: the partner takes part in ATVPDKIKX0DER, A2EUQ1WTGCTBG2" in printed
    assert amazon.count("getMarketplaceParticipations") == 1


def test_mittos_jobs_are_feeds_too(tmp_path: Path, declare: Declare, look: Look) -> None:
    """Job files of Mitto's are looked at like declared feeds."""
    jobs = tmp_path / "jobs"
    jobs.mkdir()
    read = {"path": "/orders/v0/orders", "params": {}, "updated_at_param": "LastUpdatedAfter"}
    job = {"input": {"use": "amazon_selling_partner_api.io#AmazonSPApiInput", **read}}
    (jobs / "orders.json").write_text(json.dumps(job))
    declare("mitto", "MittoJobs", folder="jobs")

    assert look("role of ordersV0")[1] in {"ok", "warning"}


def test_a_locked_warehouse_is_told(tmp_path: Path, look: Look) -> None:
    """A warehouse that another program holds is told, after seconds and not minutes."""
    with FileLock(tmp_path / "warehouse.duckdb.lock"):
        code, status, says = look("warehouse")

    assert (code, status) == (1, "failed")
    assert "held by another load, of the process with id" in says


def test_declarations_that_cannot_be_read(declare: Declare, run: Run, folder: Path) -> None:
    """A wrong declaration, or no folder at all, ends in its sentence."""
    declare(path="/orders/v0/orders", results="Orders")
    code, printed = run()

    assert code == 1
    assert "results" in printed
    (folder / "jobs").mkdir()
    (folder / "jobs" / "wrong.json").write_text("{}")
    declare(kind="MittoJobs", folder="defs/jobs")
    assert "wrong.json" in run()[1]
    assert CliRunner().invoke(command, ["--folder", str(folder / "none")]).exit_code == 1


def test_the_job_says_the_same(amazon: Simulator, run_job: Callable[..., Any]) -> None:
    """As a job, the check passes where all is well, and fails with the lines that failed."""
    assert run_job(amazon, "doctor_job", None).success

    failed = run_job(amazon, "doctor_job", None, ASP_MARKETPLACE_IDS=DE)

    (step,) = failed.filter_events(
        lambda event: event.event_type == dg.DagsterEventType.STEP_FAILURE
    )
    assert "does not take part in" in step.step_failure_data.error.to_string()
    assert not failed.success
