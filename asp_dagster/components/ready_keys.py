"""The keys of what is ready to be used by its name, behind those that are written.

Here belongs laying the one over the other. What is ready is said in `asp_dagster.feeds`.
"""

from collections.abc import Collection, Mapping
from typing import Any

from asp_dagster.feeds import ready_feed


def with_ready_feed(
    attributes: Mapping[str, Any], component: str, *, nested: str, of_tables: Collection[str]
) -> Mapping[str, Any]:
    """Return a declaration with the keys of the ready feed that it names, if it does.

    Args:
        attributes: What is written.
        component: The component that it is written for.
        nested: The key whose own keys are laid over each other.
        of_tables: The ready feed's keys that go with its tables: not where a `table` is written.

    Raises:
        DeclarationError: When there is no such ready feed of the component.
    """
    name = attributes.get("feed")
    if not name:
        return attributes
    ready = {"name": str(name), **ready_feed(str(name), component)}
    if "table" in attributes:
        ready = {key: value for key, value in ready.items() if key not in of_tables}
    inner = laid_over(ready.get(nested, {}), attributes.get(nested, {}))
    return {**ready, **attributes, nested: inner}


def laid_over(ready: Mapping[str, Any], written: Any) -> Any:
    """Return a ready object with the keys that are written in place of its own.

    What is written and no object is returned as it is: the check of the declaration refuses it.
    """
    return {**ready, **written} if isinstance(written, Mapping) else written
