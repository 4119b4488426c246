"""Names of a package that are found when they are first asked for.

A code location is loaded far more often than it loads a table, so a heavy library is imported by
whoever uses it. Here belongs how a package says in which module such a name is at home.

https://peps.python.org/pep-0562/
"""

from collections.abc import Callable, Mapping
from importlib import import_module


def on_demand(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """Return a package's `__getattr__`.

    Args:
        package: The package's name.
        homes: The module of each name that it hands out.
    """

    def find(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(homes[name]), name)

    return find
