"""Imports point down only."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import asp_dagster.landing

PACKAGE = Path(asp_dagster.landing.__file__).parent.parent

FLOORS = {
    "commands": 0,
    "disks": 0,
    "json_documents": 0,
    "json_text": 0,
    "on_demand": 0,
    "private_files": 0,
    "text_tables": 0,
    "simulator": 0,
    "spapi": 1,
    "catalog": 2,
    "landing": 3,
    "warehouse": 3,
    "state": 3,
    "definitions": 5,
}
DAGSTER_MODULES = 4
COMMANDS = 6
SHOWN = {"cli", "demo", "engines"}
OUTSIDE = {
    "simulator": {"dagster", "requests", "pandas", "duckdb", "pydantic"},
    "spapi": {"dagster", "pandas", "duckdb", "pydantic", "starlette", "yaml"},
    "catalog": {"dagster", "pandas", "duckdb", "requests"},
    "landing": {"dagster", "pandas", "duckdb"},
    "warehouse": {"dagster", "requests", "boto3"},
    "state": {"dagster", "requests", "boto3", "duckdb", "pandas"},
}


def _part(path: Path) -> str:
    inside = path.relative_to(PACKAGE)
    return inside.parts[0].removesuffix(".py")


def _floor(part: str) -> int:
    return COMMANDS if part in SHOWN else FLOORS.get(part, DAGSTER_MODULES)


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    """A module imports from its own part and from floors below it, none above or beside."""
    part = _part(path)
    own = [name.split(".")[1] for name in _imports(path) if name.startswith("asp_dagster.")]
    foreign = {name for name in own if name != part}

    upward = {
        name for name in foreign if _floor(name) >= _floor(part) and _floor(part) != DAGSTER_MODULES
    }
    assert not upward
    assert all(_floor(name) <= DAGSTER_MODULES or part in SHOWN for name in foreign)
    assert "simulator" not in foreign


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_floors_keep_their_libraries(path: Path) -> None:
    """A floor below Dagster imports none of the libraries that belong to other floors."""
    used = {name.split(".")[0] for name in _imports(path)}

    assert not used & OUTSIDE.get(_part(path), set())


def test_the_package_itself_imports_nothing() -> None:
    """Importing the plain client does not load Dagster: the package's head imports nothing."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text())

    assert not [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
