"""Finds the declaration of a ready feed by its name.

Here belongs: reading the files beside this module. Whether a declaration is right is checked where
every declaration is, in `catalog`.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import yaml

from asp_dagster.catalog.declarations import DeclarationError

_FOLDER = files("asp_dagster.feeds")
_ENDING = ".yaml"
_ENDPOINTS = "AmazonSPApi"
_TYPE = re.compile(r"^type: asp_dagster\.(\w+)$", re.MULTILINE)


def ready_feed_names(component: str = _ENDPOINTS) -> Sequence[str]:
    """Return the names of all ready feeds of a component, sorted."""
    return sorted(name for name in _all_names() if _component(_text(name)) == component)


def ready_feed(name: str, component: str = _ENDPOINTS) -> Mapping[str, Any]:
    """Return what a ready feed declares: the attributes of its component.

    Args:
        name: The feed's name: `fba_inventory`.
        component: The component that asks for it.

    Raises:
        DeclarationError: When there is no such feed; it lists those there are.
    """
    text = ready_feed_text(name)
    if _component(text) != component:
        raise DeclarationError(
            f"feed: {name} is a ready feed of asp_dagster.{_component(text)}; those of"
            f" asp_dagster.{component} are: {', '.join(ready_feed_names(component))}"
        )
    declaration: Mapping[str, Any] = yaml.safe_load(text)
    return {key: value for key, value in declaration.items() if key != "type"}


def ready_feed_text(name: str) -> str:
    """Return a ready feed's file, comments included.

    Raises:
        DeclarationError: When there is no such feed; it lists those there are.
    """
    names = _all_names()
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"; did you mean {near[0]}" if near else ""
        raise DeclarationError(
            f"feed: no ready feed is called {name!r}{hint}; there are: {', '.join(names)}"
        )
    return _text(name)


def _all_names() -> Sequence[str]:
    names = (file.name for file in _FOLDER.iterdir())
    return sorted(name.removesuffix(_ENDING) for name in names if name.endswith(_ENDING))


def _text(name: str) -> str:
    return (_FOLDER / f"{name}{_ENDING}").read_text(encoding="utf-8")


def _component(text: str) -> str:
    """Return the component whose attributes a file holds: the one of endpoints, if it says none."""
    found = _TYPE.search(text)
    return found[1] if found else _ENDPOINTS
