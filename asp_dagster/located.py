"""Finds the feeds of a code location, for commands that are given a feed by its name.

Here belong: what a raw asset carries of its feed, which never leaves the process, and loading the
code location. What a folder declares, without its code location, is found in `declared`.
"""

import difflib
import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster._core.definitions.metadata.metadata_value import ObjectMetadataValue
from dagster.components.core.component_tree import ComponentTreeException
from dagster.components.definitions import LazyDefinitions
from yaml import YAMLError

from asp_dagster.catalog.declarations import DeclarationError
from asp_dagster.catalog.feeds import Feed

_FEED = "asp_dagster/feed"


@dataclass(frozen=True)
class LocatedFeed:
    """A feed of a code location.

    Attributes:
        feed: The feed.
        key: Its raw asset.
        is_listed: Whether its reports are found, not asked for.
    """

    feed: Feed
    key: dg.AssetKey
    is_listed: bool


@dataclass(frozen=True)
class _Carried:
    """What a raw asset carries. Dagster shows other processes the name of this class, no more."""

    feed: Feed
    is_listed: bool


def feed_metadata(feed: Feed, *, is_listed: bool = False) -> Mapping[str, Any]:
    """Return what a raw asset carries of its feed."""
    return {_FEED: ObjectMetadataValue(_Carried(feed, is_listed))}


def located_feed(spec: dg.AssetSpec) -> LocatedFeed | None:
    """Return the feed whose raw asset it is, if it is one."""
    value = spec.metadata.get(_FEED)
    if isinstance(value, ObjectMetadataValue) and isinstance(value.instance, _Carried):
        return LocatedFeed(value.instance.feed, spec.key, value.instance.is_listed)
    return None


def load_location(module: str) -> dg.Definitions:
    """Return what a module defines, as Dagster's own commands find it.

    Raises:
        DeclarationError: There is no such module, or none or several definitions in it, or a
            declaration that it reads is wrong.
    """
    if not all(map(str.isidentifier, module.split("."))):
        raise DeclarationError(
            f"{module!r} is no module's name; write it as my_project.definitions."
        )
    try:
        return _load(module)
    except ModuleNotFoundError as error:
        sentence = f"There is no module {error.name}: name that of the code location."
        raise DeclarationError(sentence) from error
    except ComponentTreeException as error:
        where = str(error).partition("\n")[0]
        raise DeclarationError(f"{where} {error.__cause__}") from error
    except YAMLError as error:
        raise DeclarationError(f"A file of {module} cannot be read: {error}") from error


def _load(module: str) -> dg.Definitions:
    values = vars(importlib.import_module(module)).values()
    found = [each for each in values if isinstance(each, dg.Definitions | LazyDefinitions)]
    if len(found) != 1:
        raise DeclarationError(
            f"{module} has {len(found)} definitions in place of one: name the module of the code"
            " location."
        )
    return found[0]() if isinstance(found[0], LazyDefinitions) else found[0]


def feeds_in(definitions: dg.Definitions) -> Mapping[str, LocatedFeed]:
    """Return the feeds of a code location by name: `orders`, `acme_orders`."""
    return {each.feed.full_name: each for each in _feeds(definitions)}


def feed_in(definitions: dg.Definitions, name: str) -> LocatedFeed:
    """Return a feed of a code location.

    Raises:
        DeclarationError: There is no such feed; it lists those there are.
    """
    feeds = feeds_in(definitions)
    if name not in feeds:
        near = difflib.get_close_matches(name, feeds, n=1)
        hint = f"; did you mean {near[0]}" if near else ""
        raise DeclarationError(
            f"No feed is called {name!r}{hint}; there are: {', '.join(sorted(feeds)) or 'none'}"
        )
    return feeds[name]


def _feeds(definitions: dg.Definitions) -> Iterator[LocatedFeed]:
    yield from filter(None, map(located_feed, definitions.resolve_all_asset_specs()))
