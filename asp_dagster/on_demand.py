"""Names of a package that are found when they are first asked for.

A code location is loaded far more often than it lands or loads anything, so what that takes is
imported by whoever does it. Here belongs how a package says in which module such a name is at home.

https://peps.python.org/pep-0562/
"""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module


def on_demand(package: str, names: Mapping[str, Sequence[str]]) -> Callable[[str], object]:
    """Return a package's `__getattr__`.

    Args:
        package: The package's name.
        names: The names that it hands out, by the module of it that they are at home in. None may
            be called as a module of the package is.
    """
    homes = {name: f"{package}.{module}" for module, found in names.items() for name in found}

    def find(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(homes[name]), name)

    return find
