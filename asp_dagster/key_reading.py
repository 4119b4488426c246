"""How a key of a declaration is read: Dagster's `{{ templates }}` first, then what it stands for.

Here belongs: the way from what is written to a value, so that a mistake is named by its dotted
place, and quotes nothing that may be a secret. Which keys there are stands in `keys`.

https://docs.dagster.io/guides/build/components
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import dagster as dg
from dagster.components.resolved.errors import ResolutionException  # it has no public name
from typing_extensions import TypeForm

from asp_dagster.catalog.declarations import DeclarationError, DeclarationWarning, parse
from asp_dagster.catalog.durations import duration

Spec = TypeVar("Spec")


def resolved(context: dg.ResolutionContext, value: Any) -> Any:
    """Resolve `{{ templates }}` and nothing else: Dagster makes a number of the text "123"."""
    if isinstance(value, Mapping):
        return {name: resolved(context, entry) for name, entry in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [resolved(context, entry) for entry in value]
    return context.resolve_value(value) if isinstance(value, str) and "{{" in value else value


def key(
    spec_type: TypeForm[Spec],
    place: str,
    yaml_type: Any,
    description: str,
    before: Callable[[Any], Any] = lambda value: value,
) -> dg.Resolver:
    """Describe a key: its type in the YAML, and how its value is made."""

    def read(context: dg.ResolutionContext, value: Any) -> Spec:
        return parse(spec_type, before(resolved(context, value)), place=place)

    return resolver(read, yaml_type, description)


def resolver(
    read: Callable[[dg.ResolutionContext, Any], Any],
    yaml_type: Any,
    description: str,
    doubt: Callable[[Any], str | None] = lambda _: None,
) -> dg.Resolver:
    """Describe a key that is read so; mistakes and doubts are told with their file and line.

    Dagster would quote the lines around a mistake, and one of them may hold a secret.

    Args:
        read: Makes the value.
        yaml_type: The type in the YAML.
        description: What the UI shows of the key.
        doubt: What to warn of in what is written, if anything.
    """

    def resolve(context: dg.ResolutionContext, value: Any) -> Any:
        tree: Any = context.source_position_tree
        nowhere: Any = None
        place = f"{tree.lookup_closest_and_path(context.path, None)[0]} - " if tree else ""
        if sentence := doubt(value):
            warnings.warn(f"{place}{sentence}", DeclarationWarning, stacklevel=2)
        try:
            return read(context.with_source_position_tree(nowhere), value)
        except (DeclarationError, ResolutionException) as error:
            raise ResolutionException(f"{place}{error}") from None

    return dg.Resolver(resolve, model_field_type=yaml_type, description=description)


def duration_at(place: str) -> Callable[[dg.ResolutionContext, Any], timedelta]:
    """Return what reads the length of time under a key."""

    def read(context: dg.ResolutionContext, value: Any) -> timedelta:
        try:
            return duration(str(resolved(context, value)))
        except ValueError as error:
            raise DeclarationError(f"{place}: {error}") from None

    return read
