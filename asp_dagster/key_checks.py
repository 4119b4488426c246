"""Names the keys that there are, where a declaration has a wrong one or lacks one.

Here belongs holding the keys of a declaration against those of its component. How a key's value is
read is said in `keys`.
"""

import difflib
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from typing import Any

from pydantic import BaseModel, ValidationError, create_model, model_validator
from pydantic.fields import FieldInfo

from asp_dagster.catalog.declarations import DeclarationError, mistakes_in


def checked_model(
    model: type[BaseModel],
    described: Mapping[str, FieldInfo],
    complete: Callable[[Mapping[str, Any]], Mapping[str, Any]],
) -> type[BaseModel]:
    """Return a model of a declaration that names the keys there are when one is wrong.

    Args:
        model: What Dagster derived from the component.
        described: The component's own fields: of those with a default, Dagster drops the
            descriptions, which the UI shows.
        complete: Adds what is not written but meant, before anything is checked.
    """

    def check(_cls: type[BaseModel], written: Any, validate: Callable[[Any], BaseModel]) -> Any:
        if not isinstance(written, Mapping):
            return validate(written)
        attributes = complete(written)
        mistakes = list(_key_mistakes(model, attributes))
        try:
            return None if mistakes else validate(attributes)
        except ValidationError as error:
            mistakes = mistakes_in(model, error, "attributes", attributes)
        finally:
            if mistakes:
                # Not pydantic's error, which quotes what was written, secrets too.
                raise DeclarationError("; ".join(mistakes)) from None

    around: Any = classmethod(check)
    validators: dict[str, Any] = {"check_keys": model_validator(mode="wrap")(around)}
    fields: dict[str, Any] = {
        key: (entry.annotation, _with_description(entry, described[key].description))
        for key, entry in model.model_fields.items()
        if not entry.description
    }
    return create_model(model.__name__, __base__=model, __validators__=validators, **fields)


def _with_description(entry: FieldInfo, description: str | None) -> FieldInfo:
    told = copy(entry)
    told.description = description
    return told


def _key_mistakes(model: type[BaseModel], attributes: Mapping[str, Any]) -> Iterator[str]:
    known = sorted(model.model_fields)
    for key in attributes:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            hint = f"; did you mean {near[0]}" if near else ""
            yield f"attributes.{key}: unknown key{hint}; known: {', '.join(known)}"
    for key, entry in model.model_fields.items():
        if entry.is_required() and key not in attributes:
            yield f"attributes.{key}: is missing; known: {', '.join(known)}"
