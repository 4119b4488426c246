"""Several selling partners from one declaration: told apart everywhere, and none stops another."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import dagster as dg
import pandas as pd
import pytest
import requests
import yaml
from dagster.components.testing import create_defs_folder_sandbox

from asp_dagster.catalog.declarations import DeclarationWarning
from asp_dagster.components import SellingPartners
from asp_dagster.declared import feeds_of
from asp_dagster.report_schedules.declared import listed_reports
from asp_dagster.resources import AmazonSPResource
from asp_dagster.settings import build_resources
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.warehouse import Warehouse
from asp_dagster_tests.outcomes import failure_of, materialized

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAY = (UNTIL - timedelta(days=1)).date().isoformat()
FEEDS = [
    "orders",
    {"feed": "fba_inventory", "group": "stock"},
    {"type": "asp_dagster.AmazonSPReport", "feed": "all_orders", "cron_schedule": "none"},
]
SHOPS = {
    "type": "asp_dagster.AmazonSPApi",
    "name": "shops",
    "path": "/sellers/v1/marketplaceParticipations",
    "results_key": "payload",
    "partitions": "daily",
}
PARTICIPATIONS_AT_ONCE = 15

Amazons = Mapping[str, Simulator]
Run = Callable[..., dg.ExecuteInProcessResult]


@contextmanager
def _login(amazons: Sequence[Simulator]) -> Iterator[str]:
    """One Login with Amazon for all simulators, as there is one for all of Amazon."""
    urls = {each.client_id: each.lwa_url for each in amazons}

    class Login(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            url = urls[parse_qs(body.decode())["client_id"][0]]
            headers = {"Content-Type": self.headers["Content-Type"]}
            answer = requests.post(url, data=body, headers=headers, timeout=10)
            self.send_response(answer.status_code)
            self.send_header("Content-Type", answer.headers["Content-Type"])
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Login) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}/auth/o2/token"
        server.shutdown()
        serving.join()


@pytest.fixture
def amazons() -> Iterator[Amazons]:
    """Two selling partners whose orders are not the same."""
    one, other = (Partner.generate(seed=s, orders=40, until=UNTIL, days=2) for s in (11, 12))
    with (
        Simulator(one, speed=1e6, report_seconds=0) as acme,
        Simulator(other, speed=1e6, report_seconds=0) as globex,
    ):
        yield {"acme": acme, "globex": globex}


@pytest.fixture
def environment(
    amazons: Amazons, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Settings that lead to both selling partners, and to a warehouse of each kind in turn."""
    with _login(list(amazons.values())) as login:
        monkeypatch.setenv("ASP_LWA_URL", login)
        monkeypatch.setenv("ASP_RAW_PATH", str(tmp_path / "raw"))
        monkeypatch.setenv("ASP_WAREHOUSE", url)
        monkeypatch.setenv("ASP_STATE", f"sqlite:///{tmp_path / 'state.db'}")
        for account, amazon in amazons.items():
            for name in ("client_id", "client_secret", "refresh_token"):
                variable = f"ASP_CREDENTIALS_{account}_{name}".upper()
                monkeypatch.setenv(variable, getattr(amazon, name))
        yield


@contextmanager
def _declared(attributes: Mapping[str, Any]) -> Iterator[tuple[dg.Definitions, Path]]:
    """Load a declaration as a code location would; hand out its folder too."""
    with create_defs_folder_sandbox() as sandbox:
        path = sandbox.scaffold_component(component_cls=SellingPartners)
        content = {"type": "asp_dagster.SellingPartners", "attributes": dict(attributes)}
        (path / "defs.yaml").write_text(yaml.safe_dump(content))
        with sandbox.load_component_and_build_defs(defs_path=path) as (_component, defs):
            own = dg.Definitions(resources=build_resources(), executor=dg.in_process_executor)
            yield dg.Definitions.merge(defs, own), path.parent


@pytest.fixture
def run(amazons: Amazons, environment: None, instance: dg.DagsterInstance) -> Run:  # noqa: ARG001 - the settings stand
    """Run feeds of both selling partners, or one of their jobs, for a day."""

    def run(
        feeds: Sequence[Any], job: str = "__ASSET_JOB", **attributes: Any
    ) -> dg.ExecuteInProcessResult:
        accounts = [{"name": name, "endpoint": each.url} for name, each in amazons.items()]
        with _declared({"accounts": accounts, "feeds": feeds, **attributes}) as (defs, _):
            own = dg.Definitions.merge(defs, dg.Definitions(assets=[orders_of_acme]))
            return own.resolve_job_def(job).execute_in_process(
                partition_key=DAY, instance=instance, raise_on_error=False
            )

    return run


@dg.asset(
    key=["acme", "orders_seen"],
    ins={"orders": dg.AssetIn(["acme", "orders"])},
    partitions_def=dg.DailyPartitionsDefinition("2025-01-01"),
)
def orders_of_acme(orders: pd.DataFrame) -> dg.MaterializeResult[None]:
    """What a user's own asset sees of a table."""
    return dg.MaterializeResult(metadata={"rows": len(orders)})


def _orders(amazon: Simulator) -> list[str]:
    """The orders that changed on the day."""
    start = datetime.fromisoformat(DAY).replace(tzinfo=UTC)
    books = amazon.partner.books.by_last_update
    return sorted(each.order_id for each in books.between(start, start + timedelta(days=1)))


def _rows(result: dg.ExecuteInProcessResult, step: str) -> object:
    """How many rows a step says there were."""
    [event] = result.asset_materializations_for_node(step)
    return event.metadata["rows"].value


def _stored(url: str, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in Warehouse.from_url(url).query(sql).to_pylist()]


def test_each_partner_has_each_feed() -> None:
    """Assets, groups, jobs and schedules carry the account's name; one can go without a feed."""
    accounts = [{"name": "acme"}, {"name": "globex", "without": ["fba_inventory"]}]

    with _declared({"accounts": accounts, "feeds": FEEDS}) as (defs, _):
        specs = {
            spec.key.to_user_string(): spec.group_name for spec in defs.resolve_all_asset_specs()
        }
        jobs = {job.name for job in defs.jobs or ()}
        schedules = {each.name for each in defs.schedules or ()}

    names = ("raw_orders", "orders", "order_items", "raw_all_orders", "all_orders")
    assert specs == {
        **{f"{account}/{name}": account for account in ("acme", "globex") for name in names},
        "acme/raw_fba_inventory": "acme_stock",
        "acme/fba_inventory": "acme_stock",
    }
    of_both = {
        f"{account}_{feed}_job"
        for account in ("acme", "globex")
        for feed in ("orders", "all_orders")
    }
    assert jobs == {*of_both, "acme_fba_inventory_job"}
    assert schedules == {f"{job}_schedule" for job in jobs if "all_orders" not in job}


def test_shared_tables_say_whose_rows_they_have() -> None:
    """The asset of a shared table names its account, and the schema that was given."""
    attributes = {"accounts": [{"name": "acme"}], "feeds": ["orders"], "shared_tables": "agency"}

    with _declared(attributes) as (defs, _):
        [orders] = [
            spec
            for spec in defs.resolve_all_asset_specs()
            if spec.key == dg.AssetKey(["acme", "orders"])
        ]

    assert orders.metadata["asp_dagster/account"] == "acme"
    assert orders.metadata["asp_dagster/schema"] == "agency"


def test_commands_see_the_feeds_of_all() -> None:
    """The doctor, retention and report schedules know every selling partner's feeds."""
    accounts = [{"name": "acme"}, {"name": "globex"}]

    with _declared({"accounts": accounts, "feeds": ["orders", "settlements"]}) as (_, folder):
        feeds = feeds_of(folder)
        listed = listed_reports(folder)

    assert {(feed.account.name, feed.stem) for feed in feeds} == {
        (account, feed) for account in ("acme", "globex") for feed in ("orders", "settlements")
    }
    assert [each.account for each in listed] == ["acme", "globex"]


def test_doubt_is_told_once() -> None:
    """What Amazon removes is told of a feed, not of each selling partner that has it."""
    attributes = {"accounts": [{"name": "acme"}, {"name": "globex"}], "feeds": ["orders_v0"]}

    with pytest.warns(match="Amazon removes") as told, _declared(attributes):
        pass

    doubts = [str(each.message) for each in told if each.category is DeclarationWarning]
    assert [each[:40] for each in doubts] == ["accounts.0 (acme), feeds.0 (orders_v0): "] * 2
    assert "orderItems" not in doubts[0]
    assert "orderItems" in doubts[1]


def test_literal_secret_is_told_without_it() -> None:
    """A secret in the declaration itself is warned of by its place, and not shown."""
    secret = {"client_id": "x", "client_secret": "hidden", "refresh_token": "hidden"}
    attributes = {"accounts": [{"name": "acme", "credentials": secret}], "feeds": ["orders"]}

    places = r"accounts\.0\.credentials\.client_secret"
    with pytest.warns(match=places) as told, _declared(attributes):
        pass

    assert "hidden" not in str(told[0].message)


def test_shared_tables_hold_all_partners(run: Run, amazons: Amazons, url: str) -> None:
    """Every order of both is in one table, checks judge each by its own, and so do readers."""
    result = run(["orders"], shared_tables=True)

    assert result.success, failure_of(result)
    for account, amazon in amazons.items():
        of_account = f"FROM amazon.orders WHERE _account = '{account}' ORDER BY 1"
        assert [each for (each,) in _stored(url, f"SELECT order_id {of_account}")] == _orders(
            amazon
        )
    failed = [each for each in result.get_asset_check_evaluations() if not each.passed]
    assert failed == []
    assert _rows(result, "acme__orders_seen") == len(_orders(amazons["acme"]))


def test_each_has_a_schema_unless_tables_are_shared(run: Run, amazons: Amazons, url: str) -> None:
    """Without shared tables each selling partner's rows stand in a schema of its name."""
    assert run(["orders"]).success

    for account, amazon in amazons.items():
        stored = _stored(url, f"SELECT order_id FROM {account}.orders ORDER BY 1")
        assert [each for (each,) in stored] == _orders(amazon)


def test_values_are_asked_for_by_account(run: Run, amazons: Amazons) -> None:
    """A feed that takes its values from a shared table asks for its own account's only."""
    of_items = {
        "type": "asp_dagster.AmazonSPApi",
        "name": "again",
        "path": "/orders/v0/orders",
        "params": {"MarketplaceIds": "{marketplace_ids}", "CreatedAfter": "2025-01-01T00:00:00Z"},
        "results_key": "Orders",
        "values_from": {
            "table": "orders",
            "column": "order_id",
            "param": "AmazonOrderIds",
            "per_request": 1,
        },
        "partitions": "daily",
        "table": "again",
    }

    result = run(["orders", of_items], shared_tables=True)

    assert result.success, failure_of(result)
    for amazon in amazons.values():
        assert amazon.count("getOrders") == len(_orders(amazon))


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        pytest.param("REFRESH_TOKEN", "Atzr|revoked", "invalid_grant", id="revoked"),
        pytest.param("CLIENT_SECRET", "amzn1.oa2-cs.v1.old", "invalid_client", id="secret"),
        pytest.param("CLIENT_SECRET", "", "not whole", id="missing"),
    ],
)
def test_failure_of_one_stops_no_other(
    run: Run, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    """In a run of all selling partners' assets the steps of the others go on to their end."""
    monkeypatch.setenv(f"ASP_CREDENTIALS_ACME_{variable}", value)

    result = run(["orders"], shared_tables=True)

    assert not result.success
    assert words in failure_of(result)
    assert materialized(result) == ["globex/raw_orders", "globex/orders", "globex/order_items"]


def test_job_of_another_knows_nothing_of_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The jobs are separate: that of one runs, whatever the other's credentials are."""
    monkeypatch.delenv("ASP_CREDENTIALS_ACME_REFRESH_TOKEN")

    assert run(["orders"], job="globex_orders_job").success
    assert not run(["orders"], job="acme_orders_job").success


@pytest.mark.parametrize("url", ["duckdb"], indirect=True)
def test_quota_is_of_each(environment: None, tmp_path: Path) -> None:  # noqa: ARG001 - the settings stand
    """Who has used up a quota keeps nobody else waiting, and none is throttled."""
    one, other = (Partner.generate(seed=s, orders=1, until=UNTIL, days=1) for s in (11, 12))
    with Simulator(one) as acme, Simulator(other) as globex, _login([acme, globex]) as login:
        amazon = AmazonSPResource(lwa_url=login, state=f"sqlite:///{tmp_path / 'quota.db'}")
        with _declared(
            {
                "accounts": [
                    {"name": "acme", "endpoint": acme.url},
                    {"name": "globex", "endpoint": globex.url},
                ],
                "feeds": [SHOPS],
            }
        ) as (_, folder):
            clients = [amazon.get_client(feed.account) for feed in feeds_of(folder)]

        for client in clients:
            for _number in range(PARTICIPATIONS_AT_ONCE):
                client.request("GET", SHOPS["path"])

        used = [client.statistics.snapshot() for client in clients]
        amazon.close()
    assert [(each.calls, each.throttled) for each in used] == [(PARTICIPATIONS_AT_ONCE, 0)] * 2
    assert sum(each.wait_seconds for each in used) < 1
