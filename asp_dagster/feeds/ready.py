"""Finds the declaration of a ready feed by its name.

Here belongs: reading the files beside this module, and those of the default feeds. Whether a
declaration is right is checked where every declaration is, in `catalog`.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import yaml

from asp_dagster.catalog.declarations import DeclarationError

_FOLDER = files("asp_dagster.feeds")
_DEFAULT_FEEDS = files("asp_dagster.defs")
_DECLARATION = "defs.yaml"
_ENDING = ".yaml"
ENDPOINTS = "AmazonSPApi"
"""The component of most ready feeds."""

LISTED_REPORTS = "AmazonSPListedReport"
"""The component of reports that are found, not asked for."""

_TYPE = re.compile(r"^type: asp_dagster\.(\w+)$", re.MULTILINE)


def all_ready_feed_names() -> Sequence[str]:
    """Return the names of all ready feeds, whichever component they are of, sorted."""
    names = (file.name for file in _FOLDER.iterdir())
    return sorted(name.removesuffix(_ENDING) for name in names if name.endswith(_ENDING))


def default_feed_names() -> Sequence[str]:
    """Return the names of the feeds that the package declares itself, sorted.

    They are ready feeds too: those of several accounts, and those of other projects.
    """
    folders = _DEFAULT_FEEDS.iterdir()
    return sorted(each.name for each in folders if (each / _DECLARATION).is_file())


def shown_feed_names() -> Sequence[str]:
    """Return the names of all feeds that come with the package: those that are on come first."""
    return [*default_feed_names(), *all_ready_feed_names()]


def ready_feed_names(component: str = ENDPOINTS) -> Sequence[str]:
    """Return the names of all ready feeds of a component, sorted."""
    return sorted(name for name in all_ready_feed_names() if component_of(name) == component)


def ready_feed(name: str, component: str = ENDPOINTS) -> Mapping[str, Any]:
    """Return what a ready feed declares: the attributes of its component.

    Args:
        name: The feed's name: `fba_inventory`.
        component: The component that asks for it.

    Raises:
        DeclarationError: When there is no such feed; it lists those there are.
    """
    text = ready_feed_text(name)
    if component_of(name) != component:
        raise DeclarationError(
            f"feed: {name} is a ready feed of asp_dagster.{component_of(name)}; those of"
            f" asp_dagster.{component} are: {', '.join(_names_of(component))}"
        )
    declaration: Mapping[str, Any] = yaml.safe_load(text)
    attributes: Mapping[str, Any] = declaration.get("attributes", declaration)
    return {key: value for key, value in attributes.items() if key != "type"}


def ready_feed_text(name: str) -> str:
    """Return a ready feed's file, comments included.

    Raises:
        DeclarationError: When there is no such feed; it lists those there are.
    """
    names = shown_feed_names()
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"; did you mean {near[0]}" if near else ""
        raise DeclarationError(
            f"feed: no ready feed is called {name!r}{hint}; there are: {', '.join(names)}"
        )
    return _text(name)


def component_of(name: str) -> str:
    """Return the component that a ready feed is of: the one of endpoints, if its file says none."""
    found = _TYPE.search(ready_feed_text(name))
    return found[1] if found else ENDPOINTS


def _names_of(component: str) -> Sequence[str]:
    """Return the names of all feeds of a component, those that the package declares too."""
    own = (name for name in default_feed_names() if component_of(name) == component)
    return [*ready_feed_names(component), *own]


def _text(name: str) -> str:
    if name in default_feed_names():
        return (_DEFAULT_FEEDS / name / _DECLARATION).read_text(encoding="utf-8")
    return (_FOLDER / f"{name}{_ENDING}").read_text(encoding="utf-8")
