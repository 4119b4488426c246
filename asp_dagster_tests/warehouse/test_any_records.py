"""Whatever records hold, and however they come, the tables hold the same.

Records nobody thought of are loaded in several loads. Then the rows of all tables are put together
again, by what the stored columns remember of their places, and compared with the records' values.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asp_dagster.catalog.tables import InferredTable
from asp_dagster.warehouse import LoadResult, Origin, RawData, Warehouse
from asp_dagster.warehouse.inferring.kinds import as_timestamp
from asp_dagster.warehouse.inferring.memory import Memory
from asp_dagster.warehouse.inferring.values import storable

Leaves = dict[tuple[Any, ...], Any]

NAMES = st.sampled_from(
    [
        *(
            "a",
            "A",
            "aB",
            "a_b",
            "a.b",
            "x[0]",
            "größe",
            "日本",
            "2024",
            "it's",
            '"q"',
            "_partition",
        ),
        *("position", "_record", "id", "", "a" * 80, "A" * 80, "select"),
    ]
)
TEXTS = st.sampled_from(
    [
        *("", "x", "0123", "5", "1e5", "true", "2026-11-01", "2026-02-30", "a\0b", "\ud800", "ü'"),
        *("2026-11-01T12:00:00Z", "2026-11-01T12:00:00.5+02:00", "2026-11-01T12:00:00", "[1]"),
    ]
)
NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70),
    st.integers(-100, 100),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(-1000, 1000, places=2).map(float),
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS, st.text(max_size=5))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=6,
)
RECORDS = st.dictionaries(NAMES, VALUES, max_size=4)
ENTRIES = st.lists(RECORDS, max_size=2)
ORDERS = st.builds(
    lambda key, version, items, rest: {**rest, "key": key, "version": version, "items": items},
    st.integers(0, 2),
    st.integers(0, 3),
    ENTRIES,
    RECORDS,
)
LOADS = st.lists(st.lists(ORDERS, max_size=3), min_size=1, max_size=3)

EXAMPLES = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    """Numbers that tell the schemas of the examples apart."""
    return count()


@pytest.fixture
def load(warehouse: Warehouse, tmp_path: Path) -> Callable[..., LoadResult]:
    """Load records into an inferred table."""

    def run(table: InferredTable, schema: str, partition: str, *records: Any) -> LoadResult:
        file = tmp_path / "records.jsonl"
        file.write_text("".join(json.dumps(record) + "\n" for record in records))
        (result,) = warehouse.load(
            [table],
            RawData([file], "jsonl"),
            Origin(schema=schema, partition=partition, loaded_at=datetime.now(UTC)),
        )
        return result

    return run


@EXAMPLES
@given(loads=LOADS)
def test_keyed_records(
    load: Callable[..., LoadResult],
    warehouse: Warehouse,
    numbers: Iterator[int],
    loads: Sequence[Sequence[Mapping[str, Any]]],
) -> None:
    """Of each key the tables hold all values of the newest record, and no others."""
    schema = f"keyed_{next(numbers)}"
    table = InferredTable(name="orders", key=("key",), newest_by="version")
    newest: dict[int, Mapping[str, Any]] = {}
    for partition, records in enumerate(loads):
        load(table, schema, str(partition), *records)
        for record in records:
            if record["version"] >= newest.get(record["key"], record)["version"]:
                newest[record["key"]] = record

    expected = {str(key): leaves(record) for key, record in newest.items()}
    assert stored(warehouse, schema, "key") == expected


@EXAMPLES
@given(loads=st.lists(st.lists(RECORDS, max_size=3), min_size=1, max_size=3))
def test_records_without_key(
    load: Callable[..., LoadResult],
    warehouse: Warehouse,
    numbers: Iterator[int],
    loads: Sequence[Sequence[Mapping[str, Any]]],
) -> None:
    """Of each partition the tables hold all values of the last load, and no others."""
    schema = f"plain_{next(numbers)}"
    table = InferredTable(name="orders")
    expected = {}
    for number, records in enumerate(loads):
        load(table, schema, str(number % 2), *records)
        expected[str(number % 2)] = records

    assert stored(warehouse, schema, None) == {
        (partition, position): leaves(record)
        for partition, records in expected.items()
        for position, record in enumerate(records, start=1)
    }


FLAT = st.lists(st.fixed_dictionaries({"a": SCALARS}, optional={"b": SCALARS}), max_size=4)


@EXAMPLES
@given(one=FLAT, other=FLAT)
def test_order_of_loads(
    load: Callable[..., LoadResult],
    numbers: Iterator[int],
    one: Sequence[Mapping[str, Any]],
    other: Sequence[Mapping[str, Any]],
) -> None:
    """Columns take the same types in whichever order their values come."""
    results = []
    for loads in ([one, other], [other, one]):
        schema = f"order_{next(numbers)}"
        for number, records in enumerate(loads):
            result = load(InferredTable(name="lines"), schema, str(number), *records)
        results.append(result.columns)

    assert results[0] == results[1]


def leaves(value: Any, place: tuple[Any, ...] = ()) -> Leaves:
    """Return the single values within a value, by their places."""
    if isinstance(value, Mapping):
        inner = [(*place, storable(name)) for name in value]
        found = [leaves(one, at) for at, one in zip(inner, value.values(), strict=True)]
        return {at: leaf for one in found for at, leaf in one.items()}
    if isinstance(value, list):
        found = [leaves(one, (*place, number)) for number, one in enumerate(value, start=1)]
        return {at: leaf for one in found for at, leaf in one.items()}
    return {} if value is None or value == "" else {place: comparable(value)}


def comparable(value: Any) -> str:
    """Return a single value as a text that is the same in each type it may be stored as."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        moment = as_timestamp(value, needs_zone=True) if value[4:5] == "-" else None
        if moment:
            return moment.isoformat()
    try:
        return str(Decimal(str(value)).normalize()) if value else "0"
    except InvalidOperation:
        return storable(str(value))


def stored(warehouse: Warehouse, schema: str, key: str | None) -> dict[Any, Leaves]:
    """Return the single values that the tables hold, by record and place."""
    with warehouse._connected() as (_, cursor):
        memory = Memory.of(warehouse._database.columns(cursor, schema))
    found: dict[Any, Leaves] = {}
    for place, table in memory.parts("orders").items():
        columns = memory.tables[table]
        for row in warehouse.query(f'SELECT * FROM {schema}."{table}"').to_pylist():
            record = row[key] if key else (row["_partition"], row["_record"])
            if not place:
                assert record not in found, "a record has several rows"
                found[record] = {}
            positions = [
                row[name]
                for name, column in columns.items()
                if column.place and column.place[-1] is None
            ]
            for name, column in columns.items():
                if row[name] is None or not column.place or column.place[-1] is None:
                    continue
                at = with_positions(column.place, positions)
                value = json.loads(row[name]) if column.type == "json" else row[name]
                found[record].update(leaves(value, at))
    return found


def with_positions(place: tuple[Any, ...], positions: Sequence[int]) -> tuple[Any, ...]:
    """Return a place with the entries it leads through."""
    left = iter(positions)
    names = [next(left) if name is None else storable(name) for name in place]
    return tuple(name for name in names if name != "\ufffdrest")
