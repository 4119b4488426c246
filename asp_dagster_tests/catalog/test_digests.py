"""A digest changes when what is declared does, and only then."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from asp_dagster.catalog.digests import digest
from asp_dagster.catalog.tables import ColumnSpec, TableSpec

TABLE = TableSpec(name="orders", columns={"id": ColumnSpec(path="id")}, key=("id",))


def test_same_declaration_has_the_same_digest_in_every_version() -> None:
    """The digest is a fixed text: it depends on neither process nor platform."""
    assert digest(TABLE, "amazon", None, timedelta(hours=6), 1, 0.5) == "cbbd139557f0"


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(replace(TABLE, name="sales"), id="name"),
        pytest.param(replace(TABLE, key=()), id="key"),
        pytest.param(replace(TABLE, columns={"id": ColumnSpec(path="orderId")}), id="path"),
        pytest.param(replace(TABLE, columns={"id": ColumnSpec(path=("id", "x"))}), id="paths"),
    ],
)
def test_another_declaration_has_another_digest(changed: TableSpec) -> None:
    """Whatever steers what a table holds is in the digest."""
    assert digest(changed) != digest(TABLE)


def test_what_is_only_shown_changes_nothing() -> None:
    """Descriptions and previews may be written anew without a table becoming outdated."""
    column = ColumnSpec(path="id", description="Amazon's id.")
    shown = replace(TABLE, description="Orders.", preview=("id",), columns={"id": column})

    assert digest(shown) == digest(TABLE)


def test_key_that_comes_later_changes_nothing_at_its_default() -> None:
    """A field that a later version adds changes no digest until somebody uses it."""

    @dataclass(frozen=True)
    class Old:
        name: str

    @dataclass(frozen=True)
    class New(Old):
        flag: bool = False
        words: dict[str, str] = field(default_factory=dict)

    assert digest(New("a")) == digest(Old("a"))
    assert digest(New("a", flag=True)) != digest(Old("a"))
    assert digest(New("a", words={"x": "y"})) != digest(Old("a"))
