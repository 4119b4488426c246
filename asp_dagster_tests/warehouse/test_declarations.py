"""Tables that do not agree with each other, or with themselves, are refused."""

from dataclasses import replace

import pytest

from asp_dagster.catalog.tables import ColumnSpec, TableSpec
from asp_dagster.warehouse import TableSpecError
from asp_dagster.warehouse.declarations import parents_first

ORDERS = TableSpec(name="orders", columns={"order_id": ColumnSpec(path="id")}, key=("order_id",))
ITEMS = TableSpec(
    name="items",
    columns={"order_id": ColumnSpec(path="^.id"), "item_id": ColumnSpec(path="id")},
    rows="items",
    parent="orders",
)


def test_parents_come_first() -> None:
    """A parent comes before its children, whatever the order."""
    assert parents_first([ITEMS, ORDERS]) == [ORDERS, ITEMS]


@pytest.mark.parametrize(
    ("specs", "words"),
    [
        pytest.param([ORDERS, ORDERS], "have the same name", id="same-name"),
        pytest.param([ITEMS], "has the parent orders: that must be", id="parent-elsewhere"),
        pytest.param(
            [ITEMS, replace(ORDERS, key=())], "must be a table with a key", id="parent-without-key"
        ),
        pytest.param(
            [ITEMS, replace(ITEMS, name="parts", parent="items", key=("item_id",)), ORDERS],
            "and without a parent",
            id="grandparent",
        ),
        pytest.param(
            [ORDERS, replace(ITEMS, columns={"item_id": ColumnSpec(path="id")})],
            "lacks order_id, the key of its parent",
            id="without-parents-key",
        ),
        pytest.param(
            [replace(ORDERS, newest_by="updated")], "has no column updated, only", id="newest-by"
        ),
        pytest.param([replace(ORDERS, key=("id",))], "has no column id, only order_id", id="key"),
        pytest.param([replace(ORDERS, preview=("id",))], "has no column id", id="preview"),
        pytest.param([replace(ORDERS, name="_orders")], "first underscore", id="reserved"),
        pytest.param(
            [replace(ORDERS, name='orders"; DROP')], "use at most 63 lower-case", id="no-identifier"
        ),
        pytest.param(
            [replace(ORDERS, columns={"Order ID": ColumnSpec()}, key=())],
            "'Order ID' cannot name",
            id="column-no-identifier",
        ),
    ],
)
def test_wrong_declaration(specs: list[TableSpec], words: str) -> None:
    """A wrong declaration is refused with what is wrong."""
    with pytest.raises(TableSpecError, match=words):
        parents_first(specs)
