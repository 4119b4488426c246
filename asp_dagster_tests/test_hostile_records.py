"""Records are data: whatever they hold, they land, load, and steer nothing but their own values."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.components import AmazonSPApi
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.simulator.operations import Operation, OperationRequest, UsagePlan
from asp_dagster.simulator.wire import Answer
from asp_dagster.warehouse import Warehouse

PATH = "/orders/v0/orders"
EVIL = "'; DROP SCHEMA amazon CASCADE; --"

HOSTILE = [
    pytest.param({"id": "../../../etc/passwd", "a": 1}, {"id": "../../../etc/passwd"}, id="path"),
    pytest.param({"id": EVIL, EVIL: EVIL, '"': "1"}, {"id": EVIL}, id="sql"),
    pytest.param({"id": "1", "a": "x" * 10_000_000}, {"a": "x" * 10_000_000}, id="10-mb"),
    pytest.param({"id": "x\ud800y", "\udc00": "z"}, {"id": "x\ufffdy"}, id="surrogate"),
    pytest.param({"id": "=HYPERLINK(1)", "a": "@x"}, {"id": "=HYPERLINK(1)"}, id="formula"),
    pytest.param(
        {"id": "{{ env.HOME }}", "a": "{window_start}"}, {"a": "{window_start}"}, id="yaml"
    ),
]


@pytest.fixture
def answer() -> list[bytes]:
    """What the operation answers: a test puts it here."""
    return []


@pytest.fixture
def amazon(answer: list[bytes]) -> Iterator[Simulator]:
    """A selling partner whose list answers what the test wants."""

    def handle(_: OperationRequest) -> Answer:
        return Answer(200, answer[0])

    partner = Partner.generate(seed=1, orders=1, until=datetime.now(UTC), days=1)
    operation = Operation("getOrders", "GET", PATH, UsagePlan(1000, 1000), handle)
    with Simulator(partner, speed=0, operations=[operation]) as running:
        yield running


@pytest.fixture
def land(
    amazon: Simulator, answer: list[bytes], run_feed: Callable[..., Any], tmp_path: Path
) -> Callable[[bytes], tuple[bool, list[str]]]:
    """Land and load an answer; tells whether it succeeded, and which files there are then."""

    def run(body: bytes) -> tuple[bool, list[str]]:
        answer[:] = [body]
        declared = {
            "name": "hostile",
            "path": PATH,
            "results_key": "payload.Orders",
            "params": {"MarketplaceIds": "ATVPDKIKX0DER", "CreatedAfter": "2026-01-01T00:00:00Z"},
            "record_config": {"id_field": "id"},
        }
        result = run_feed(amazon, AmazonSPApi, declared)
        found = [path for path in (tmp_path / "raw").rglob("*") if path.is_file()]
        return result.success, [str(path.relative_to(tmp_path)) for path in found]

    return run


def _rows(tmp_path: Path) -> list[dict[str, Any]]:
    warehouse = Warehouse.from_url(f"duckdb:///{tmp_path / 'warehouse.duckdb'}")
    rows: list[dict[str, Any]] = warehouse.query("SELECT * FROM amazon.hostile").to_pylist()
    return rows


@pytest.mark.parametrize(("record", "held"), HOSTILE)
def test_a_hostile_record_is_a_row(
    record: Mapping[str, Any],
    held: Mapping[str, Any],
    land: Callable[[bytes], tuple[bool, list[str]]],
    tmp_path: Path,
) -> None:
    """Each value stands in its row as it came, in the one table and the one file declared."""
    is_done, files = land(json.dumps({"payload": {"Orders": [record, {"id": "other"}]}}).encode())

    assert is_done
    assert files == ["raw/raw_hostile/latest.jsonl.gz"]
    rows = _rows(tmp_path)
    assert len(rows) == 2
    assert {name: rows[0][name] for name in held} == held


def test_records_within_records(
    land: Callable[[bytes], tuple[bool, list[str]]], tmp_path: Path
) -> None:
    """A record a hundred levels deep is a row."""
    deep: Any = "found"
    for _ in range(100):
        deep = {"a": deep}

    is_done, _ = land(json.dumps({"payload": {"Orders": [{"id": "1", "deep": deep}]}}).encode())

    assert is_done
    assert "found" in str(_rows(tmp_path)[0])


def test_the_last_of_two_like_keys_counts(
    land: Callable[[bytes], tuple[bool, list[str]]], tmp_path: Path
) -> None:
    """Of two keys of one name the last counts, as everywhere in JSON."""
    assert land(b'{"payload": {"Orders": [{"id": "1", "a": 1, "a": 2}]}}')[0]

    assert _rows(tmp_path)[0]["a"] == 2
