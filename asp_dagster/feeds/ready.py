"""Finds the declaration of a ready feed by its name.

Here belongs: reading the files beside this module. Whether a declaration is right is checked where
every declaration is, in `catalog`.
"""

import difflib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import yaml

from asp_dagster.catalog.declarations import DeclarationError

_FOLDER = files("asp_dagster.feeds")
_ENDING = ".yaml"


def ready_feed_names() -> Sequence[str]:
    """Return the names of all ready feeds, sorted."""
    names = (file.name for file in _FOLDER.iterdir())
    return sorted(name.removesuffix(_ENDING) for name in names if name.endswith(_ENDING))


def ready_feed(name: str) -> Mapping[str, Any]:
    """Return what a ready feed declares: the attributes of an `asp_dagster.AmazonSPApi`.

    Args:
        name: The feed's name: `fba_inventory`.

    Raises:
        DeclarationError: When there is no such feed; it lists those there are.
    """
    declaration: Mapping[str, Any] = yaml.safe_load(ready_feed_text(name))
    return declaration


def ready_feed_text(name: str) -> str:
    """Return a ready feed's file, comments included.

    Raises:
        DeclarationError: When there is no such feed; it lists those there are.
    """
    names = ready_feed_names()
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"; did you mean {near[0]}" if near else ""
        raise DeclarationError(
            f"feed: no ready feed is called {name!r}{hint}; there are: {', '.join(names)}"
        )
    return (_FOLDER / f"{name}{_ENDING}").read_text(encoding="utf-8")
