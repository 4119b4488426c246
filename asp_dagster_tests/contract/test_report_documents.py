"""Documents made from Amazon's report schemas are loaded without loss.

What is drawn obeys a schema in everything that the schemas use: types, enumerations, formats,
patterns, limits, fields that may be absent. It is loaded as the catalogue declares the type, and
every entry of every list, with every value, is looked for in the tables.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from asp_dagster.catalog.report_types import ReportType, ReportTypes
from asp_dagster.catalog.tables import InferredTable
from asp_dagster.warehouse import Origin, RawData, Warehouse

SCHEMAS = Path(os.environ["ASP_MODELS"]) / "schemas" / "reports"
CASES = {
    f"{known.name}-{schema}": (known, schema)
    for known in ReportTypes.load().all
    for schema in known.schemas
}
EXAMPLES = 8
ROWS = 8
LAST = datetime(2099, 12, 31)  # noqa: DTZ001 - hypothesis adds the zone

Json = Mapping[str, Any]
_number = count(1)


class Drawing:
    """Draws values that obey the parts of a schema."""

    def __init__(self, schema: Json, known: ReportType) -> None:
        self._schema, self._known = schema, known
        places = (place for columns in known.keys.values() for place in columns)
        self._identifying = {place.rpartition(".")[2] for place in places}

    def document(self) -> st.SearchStrategy[Json]:
        """Draw the lists of a whole document; no two rows have the same key."""
        lists = {
            name: self._list(name, part)
            for name, part in self._schema["properties"].items()
            if self._resolved(part).get("type") == "array"
        }
        return st.fixed_dictionaries(lists)

    def _list(self, name: str, part: Json) -> st.SearchStrategy[list[Any]]:
        places = self._known.keys.get(name, ())
        entries = self._value(self._items(self._resolved(part)))
        if not places:
            return st.lists(entries, min_size=1, max_size=ROWS)
        key = [place.split(".") for place in places]
        unique = lambda row: tuple(_at(row, place) for place in key)  # noqa: E731 - two lines more
        return st.lists(entries, min_size=1, max_size=ROWS, unique_by=unique)

    def _resolved(self, part: Json) -> Json:
        while "$ref" in part:
            part = self._schema["definitions"][part["$ref"].rpartition("/")[2]]
        return part

    @staticmethod
    def _items(part: Json) -> Json:
        items: Any = part["items"]
        found: Json = items[0] if isinstance(items, list) else items
        return found

    def _value(self, part: Json) -> st.SearchStrategy[Any]:
        if "anyOf" in part:
            return st.one_of([self._value(each) for each in part["anyOf"]])
        part = self._resolved(part)
        if "enum" in part:
            return st.sampled_from(part["enum"])
        kinds: Mapping[str, Callable[[Json], st.SearchStrategy[Any]]] = {
            "object": self._object,
            "array": lambda each: st.lists(self._value(self._items(each)), max_size=2),
            "integer": _integers,
            "number": _decimals,
            "boolean": lambda _: st.booleans(),
            "string": _texts,
        }
        return kinds[part.get("type", "object")](part)

    def _object(self, part: Json) -> st.SearchStrategy[Json]:
        required = part.get("required", ())
        undeclared = {name: {"type": "string"} for name in required}
        fields = {
            name: self._value(inner).filter(lambda value: value != "")
            if name in self._identifying
            else self._value(inner)
            for name, inner in {**undeclared, **part["properties"]}.items()
        }
        return st.fixed_dictionaries(
            {name: each for name, each in fields.items() if name in required},
            optional={name: each for name, each in fields.items() if name not in required},
        )


def _integers(part: Json) -> st.SearchStrategy[int]:
    return st.integers(part.get("minimum", 0), part.get("maximum", 2**40))


def _decimals(part: Json) -> st.SearchStrategy[float]:
    most = part.get("maximum", 10**9)
    return st.decimals(part.get("minimum", 0), most, places=4).map(float)


def _texts(part: Json) -> st.SearchStrategy[str]:
    match part:
        case {"format": "date"}:
            return st.dates(date(2000, 1, 1), LAST.date()).map(date.isoformat)
        case {"format": "date-time"}:
            moments = st.datetimes(datetime(2000, 1, 1), LAST, timezones=st.just(UTC))  # noqa: DTZ001 - see above
            return moments.map(lambda each: each.isoformat(timespec="milliseconds"))
        case {"pattern": pattern}:
            return st.from_regex(pattern, fullmatch=True)
        case _:
            return st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def _at(row: Any, place: Sequence[str]) -> Any:
    for name in place:
        row = row[name]
    return row


@pytest.mark.parametrize(("known", "schema"), CASES.values(), ids=CASES)
def test_document_is_loaded_without_loss(known: ReportType, schema: str, tmp_path: Path) -> None:
    """Every entry of a document's lists becomes a row, and every value stands in one."""
    drawing = Drawing(json.loads((SCHEMAS / schema).read_text("utf-8")), known)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],  # to find a smaller one takes minutes of loading
        suppress_health_check=list(HealthCheck),
    )
    @given(drawing.document())
    def holds(document: Json) -> None:
        file = tmp_path / "report.json"
        warehouse = Warehouse.from_url(f"duckdb:///{tmp_path / f'{next(_number)}.duckdb'}")
        file.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
        tables = [
            InferredTable(name=f"t{number}", rows=name, key=known.keys.get(name, ()))
            for number, name in enumerate(document)
        ]
        warehouse.load(
            tables,
            RawData([file], "json"),
            Origin(schema="made", partition="one", loaded_at=datetime.now(UTC)),
        )
        for table, entries in zip(tables, document.values(), strict=True):
            _check(_stored(warehouse, table.name), table.name, entries)

    holds()


Stored = Mapping[str, list[Counter[str]]]


def _stored(warehouse: Warehouse, table: str) -> Stored:
    """Return the values of each row of a table and its child tables."""
    sql = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'made'"
    names = [row["table_name"] for row in warehouse.query(sql).to_pylist()]
    return {
        name: [_values(row) for row in warehouse.query(f'FROM made."{name}"').to_pylist()]
        for name in names
        if name == table or name.startswith(f"{table}__")
    }


def _values(row: Json) -> Counter[str]:
    own = {name: value for name, value in row.items() if not name.startswith("_")}
    return Counter(word for value in own.values() for word in _words(value))


def _check(stored: Stored, table: str, entries: Sequence[Any]) -> None:
    """Compare the rows with the entries, and those of the child tables with the entries' lists."""
    expected = sorted(sorted(_plain(entry).elements()) for entry in entries)
    assert sorted(sorted(row.elements()) for row in stored[table]) == expected

    inner = [_plain(each) for entry in entries for each in _inner_entries(entry)]
    children = [row for name, rows in stored.items() if name != table for row in rows]
    assert len(children) == len(inner)
    for values in inner:
        assert any(values <= row for row in children)


def _plain(entry: Any) -> Counter[str]:
    """Return the values of an entry that stand in no list of objects."""
    if isinstance(entry, dict):
        return sum((_plain(each) for each in entry.values()), Counter())
    return Counter() if isinstance(entry, list) else Counter(_words(entry))


def _inner_entries(entry: Any) -> Iterator[Json]:
    """Yield the entries of all lists within an entry, at any depth."""
    if isinstance(entry, list):
        for each in entry:
            yield each
            yield from _inner_entries(each)
    elif isinstance(entry, dict):
        for each in entry.values():
            yield from _inner_entries(each)


def _words(value: Any) -> Iterator[str]:
    """Yield a value in one spelling; what is empty is no value."""
    match value:
        case None | "":
            return
        case bool():
            yield str(value)
        case int() | float() | Decimal():
            yield f"{Decimal(str(value)).normalize():f}"
        case datetime():
            yield value.astimezone(UTC).isoformat()
        case date():
            yield value.isoformat()
        case str() if len(value) == len("2026-01-01T00:00:00.000+00:00") and value[10] == "T":
            yield datetime.fromisoformat(value).isoformat()
        case _:
            yield str(value)
