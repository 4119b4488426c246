"""Finds what the `defs.yaml` files of a folder declare, for commands that ask without running it.

Here belongs: the way from a folder to components, and to feeds. What a component may declare is
said where it is defined.
"""

import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import dagster as dg
from dagster.components.core.component_tree import ComponentTreeException

from asp_dagster.catalog.declarations import DeclarationError
from asp_dagster.catalog.feeds import Feed
from asp_dagster.components import MittoJobs, SellingPartners
from asp_dagster.components.declared_feeds import FeedComponent

OWN_FEEDS = Path(__file__).parent / "defs"
"""The folder of the feeds that come with the package."""

Kind = TypeVar("Kind", bound=dg.Component)

# An abstract class, which Dagster takes for "all".
_ANY: type[dg.Component] = dg.Component  # type: ignore[type-abstract]
_PROJECT_FILES = ("pyproject.toml", "dg.toml")


def components_of(folder: Path, kind: type[Kind]) -> Sequence[Kind]:
    """Return the components of a kind that the `defs.yaml` files of a folder declare.

    Raises:
        DeclarationError: There is no such folder, or a declaration cannot be read.
    """
    if not folder.is_dir():
        raise DeclarationError(
            f"There is no folder {folder}: name the one with the feeds' folders."
        )
    if not any(folder.rglob("*.*")):
        return []  # Dagster would take that for a mistake of its own
    with warnings.catch_warnings():
        # Dagster links what is loaded to its YAML by a class of its own that it still calls beta.
        warnings.simplefilter("ignore", dg.BetaWarning)
        tree = dg.ComponentTree(defs_module=_module_of(folder), project_root=_project_of(folder))
        try:
            found = tree.get_all_components(kind)
        except ComponentTreeException as error:
            raise DeclarationError(str(error.__cause__ or error)) from error
    # Dagster lists a component once by itself, and once more in its file.
    return list({id(each): each for each in found}.values())


def feeds_of(folder: Path) -> Sequence[Feed]:
    """Return the feeds that the `defs.yaml` files of a folder declare, Mitto's jobs among them.

    Raises:
        DeclarationError: There is no such folder, or a declaration cannot be read or meant.
        MittoJobError: A job file of Mitto's cannot be read.
    """
    return list(_feeds(components_of(folder, _ANY), _project_of(folder)))


def _feeds(components: Sequence[dg.Component], project_root: Path) -> Iterator[Feed]:
    for component in components:
        if isinstance(component, FeedComponent):
            yield component.declared("feed")
        elif isinstance(component, MittoJobs):
            yield from component.declared(project_root)
        elif isinstance(component, SellingPartners):
            yield from component.declared()


def _project_of(folder: Path) -> Path:
    """Return the root of the project that a folder belongs to."""
    parents = folder.resolve().parents
    roots = (each for each in parents if any((each / file).exists() for file in _PROJECT_FILES))
    return next(roots, parents[0])


def _module_of(folder: Path) -> ModuleType:
    """Return a folder as a package, which Dagster reads declarations from."""
    name = f"asp_dagster_declared_{abs(hash(folder.resolve()))}"
    module = ModuleType(name)
    module.__file__ = None
    module.__path__ = [str(folder.resolve())]
    # Python files beside the YAML are imported from it.
    sys.modules[name] = module
    return module
