"""Tables that several accounts share: nobody's load meets another's rows.

Every test runs against both databases.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.catalog.personal_fields import RecordFields
from asp_dagster.catalog.retention import RetentionFields
from asp_dagster.catalog.tables import ColumnSpec, InferredTable, TableSpec
from asp_dagster.warehouse import Note, Origin, RawData, TableRule, TableSpecError, Warehouse

Rows = Callable[[str], list[tuple[Any, ...]]]
Specs = Sequence[TableSpec | InferredTable]

ACCOUNTS = ("acme", "globex")
PARTITIONS = ("one", "two")
LOADED_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
ORDER = {
    "id": "A",
    "updated": "2026-11-01T00:00:00Z",
    "total": 5,
    "items": [{"id": "x", "quantity": 2}],
}
NOTED = TableSpec(
    name="noted",
    key=("partition",),
    columns={
        "partition": ColumnSpec(path="partition"),
        "orders": ColumnSpec(path="orders", type="integer"),
    },
)


@dataclass(frozen=True)
class Load:
    """A load of an account's orders."""

    account: str
    partition: str
    records: Sequence[dict[str, Any]]
    is_snapshot: bool


def _history() -> Iterator[Load]:
    """Yield loads of two accounts that have the same partitions, orders and items."""
    chance = random.Random(7)  # noqa: S311 - the same each time
    for _ in range(12):
        ids = chance.sample("ABCD", chance.randint(0, 3))
        yield Load(
            account=chance.choice(ACCOUNTS),
            partition=chance.choice(PARTITIONS),
            records=[_order(order_id, chance) for order_id in ids],
            is_snapshot=bool(chance.getrandbits(1)),
        )


def _order(order_id: str, chance: random.Random) -> dict[str, Any]:
    items = [
        {"id": item, "quantity": chance.randint(1, 9)}
        for item in chance.sample("xyz", chance.randint(0, 2))
    ]
    return {
        "id": order_id,
        "updated": f"2026-11-{chance.randint(1, 9):02}T00:00:00Z",
        "total": chance.randint(1, 99),
        "items": items,
    }


@pytest.fixture(params=["declared", "without-keys", "inferred", "inferred-without-key"])
def specs(request: pytest.FixtureRequest, orders: TableSpec, order_items: TableSpec) -> Specs:
    """The tables of a feed, as each of the ways to have some."""
    total = replace(orders.columns["total"], type="text")
    orders = replace(orders, columns={**orders.columns, "total": total})
    unkeyed = replace(order_items, name="unkeyed", key=())
    ways: dict[str, Specs] = {
        "declared": [orders, order_items, unkeyed],
        "without-keys": [replace(orders, key=(), newest_by=None)],
        "inferred": [InferredTable(name="orders", key=("id",), newest_by="updated")],
        "inferred-without-key": [InferredTable(name="orders")],
    }
    return ways[request.param]


@pytest.fixture
def load(
    warehouse: Warehouse, write_records: Callable[..., Path], specs: Specs
) -> Callable[..., None]:
    """Load what an account's load brings into a schema, shared or not."""

    def run(each: Load, schema: str, account: str | None) -> None:
        def row(counts: Sequence[int]) -> dict[str, str | int]:
            return {"partition": each.partition, "orders": counts[0]}

        warehouse.load(
            specs,
            RawData([write_records("orders", each.records)], "jsonl"),
            Origin(
                schema=schema,
                partition=each.partition,
                loaded_at=LOADED_AT,
                account=account,
                is_snapshot=each.is_snapshot,
            ),
            note=Note(NOTED, row),
        )

    return run


def _tables(warehouse: Warehouse, schema: str) -> set[str]:
    found = warehouse.query(
        f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{schema}'"
    )
    return set(found.column("table_name").to_pylist())


def _contents(warehouse: Warehouse, table: str, account: str | None = None) -> list[str]:
    """Return a table's rows as texts, without what a shared table has in addition."""
    where = f" WHERE _account = '{account}'" if account else ""
    found = warehouse.query(f"SELECT * FROM {table}{where}").to_pylist()
    told = [{name: each for name, each in row.items() if name != "_account"} for row in found]
    # What is NULL may have no column yet in the account's own table; types may be narrower there.
    return sorted(
        repr(sorted((name, str(each)) for name, each in row.items() if each is not None))
        for row in told
    )


def test_shared_table_holds_what_tables_of_each_would(
    load: Callable[..., None], warehouse: Warehouse
) -> None:
    """After any loads, an account's rows of shared tables are those of tables of its own."""
    for each in _history():
        load(each, "shared", each.account)
        load(each, each.account, None)

    for account in ACCOUNTS:
        own = _tables(warehouse, account)
        assert "noted" in own
        assert own <= _tables(warehouse, "shared")
        for table in own:
            shared = _contents(warehouse, f"shared.{table}", account)
            assert shared == _contents(warehouse, f"{account}.{table}"), table


def test_two_accounts_have_the_same_order(load: Callable[..., None], rows: Rows) -> None:
    """Of one order id, one partition and one change, each account keeps its row."""
    order = ORDER
    for account in ACCOUNTS:
        load(Load(account, "one", [order], is_snapshot=True), "shared", account)

    found = rows("SELECT _account, _partition FROM shared.orders")
    assert found == [("acme", "one"), ("globex", "one")]


@pytest.mark.parametrize(("first", "then"), [("acme", None), (None, "acme")])
def test_shared_and_other_tables_are_kept_apart(
    load: Callable[..., None], rows: Rows, first: str | None, then: str | None
) -> None:
    """A table is either shared from its first row on or never, and nothing is loaded into it."""
    load(Load("acme", "one", [ORDER], is_snapshot=True), "amazon", first)

    with pytest.raises(TableSpecError, match="give the shared tables a schema of their own"):
        load(Load("acme", "one", [], is_snapshot=True), "amazon", then)

    assert len(rows("SELECT * FROM amazon.orders")) == 1


def test_account_belongs_to_the_primary_key(
    load: Callable[..., None], warehouse: Warehouse, specs: Specs
) -> None:
    """The database itself keeps the key unique within each account."""
    load(Load("acme", "one", [ORDER], is_snapshot=True), "shared", "acme")

    found = warehouse.query(
        "SELECT k.column_name AS name FROM information_schema.key_column_usage AS k"
        " WHERE k.table_schema = 'shared' AND k.table_name = 'orders'"
    )
    key = {"_account", "id" if isinstance(specs[0], InferredTable) else "order_id"}
    assert set(found.column("name").to_pylist()) == (key if specs[0].key else set())


def test_name_is_quoted(load: Callable[..., None], rows: Rows) -> None:
    """Whatever an account is called, its name stays a value."""
    name = "o'neill"
    for _ in range(2):
        load(Load(name, "one", [ORDER], is_snapshot=True), "shared", name)

    assert rows("SELECT _account FROM shared.orders") == [(name,)]


@pytest.mark.parametrize("specs", ["inferred", "inferred-without-key"], indirect=True)
def test_erasing_meets_one_account(
    load: Callable[..., None], warehouse: Warehouse, specs: Specs, rows: Rows
) -> None:
    """What is due of one account is erased in the records and their lists, and nothing else."""
    order = {**ORDER, "items": [{"id": "x", "note": "private"}]}
    for account in ACCOUNTS:
        load(Load(account, "one", [{**order, "total": "private"}], False), "shared", account)
    known = RetentionFields(RecordFields(("total", "items.note")), ())
    rule = TableRule("shared", LOADED_AT + timedelta(days=1), account="acme")

    found = warehouse.erase(specs, known, rule)

    assert [(each.rows, each.erased) for each in found] == [(1, 1), (1, 1)]
    assert rows("SELECT _account, total FROM shared.orders") == [
        ("acme", None),
        ("globex", "private"),
    ]
    assert rows("SELECT _account, note FROM shared.orders__items") == [
        ("acme", None),
        ("globex", "private"),
    ]
