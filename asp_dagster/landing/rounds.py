"""The rounds of requests that a declaration means: one for each marketplace and batch of values.

Here belongs: filling a declaration for each round. Sending its requests is the walk's work.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from asp_dagster.catalog.endpoints import EndpointSpec, ExtensionSpec
from asp_dagster.landing.extensions import Record, filled_extension
from asp_dagster.landing.placeholders import Placeholders, names_one_marketplace
from asp_dagster.landing.windows import DataWindow
from asp_dagster.spapi.wire import timestamp

MARKETPLACE_FIELD = "_marketplace_id"
"""The field of ours that tells the marketplace of a record which came in one marketplace's round:
Amazon does not always say it, and an id may be another product's elsewhere."""


@dataclass(frozen=True)
class Round:
    """One request with all its pages.

    Attributes:
        path: The concrete path.
        params: Its parameters.
        body: Its body.
        extensions: What each record is extended by.
        added: What each record receives from us.
    """

    path: str
    params: Mapping[str, Any]
    body: Mapping[str, Any] | None
    extensions: Sequence[ExtensionSpec]
    added: Record

    def beginning_at(self, param: str | None, since: str | None) -> "Round":
        """Return the round with a later beginning; without one, itself."""
        return replace(self, params={**self.params, param: since}) if param and since else self


def rounds_of(
    spec: EndpointSpec, placeholders: Placeholders, values: Sequence[str] = ()
) -> Iterator[Round]:
    """Yield the rounds of one window.

    Raises:
        SettingError: When a placeholder stands for nothing here.
    """
    per_marketplace = _is_per_marketplace(spec)
    for each in placeholders.of_each_marketplace() if per_marketplace else [placeholders]:
        for batch in _batches(spec, values):
            yield _round(spec, each, batch)


def _batches(spec: EndpointSpec, values: Sequence[str]) -> Iterator[Mapping[str, list[str]]]:
    """Yield the parameter that receives the values, a few at a time; once nothing if none."""
    wanted = spec.values_from
    if wanted is None:
        yield {}
        return
    distinct = list(dict.fromkeys(values))
    for first in range(0, len(distinct), wanted.per_request):
        yield {wanted.param: distinct[first : first + wanted.per_request]}


def _round(
    spec: EndpointSpec, placeholders: Placeholders, values: Mapping[str, list[str]]
) -> Round:
    marketplace_id = placeholders.marketplace_id
    return Round(
        path=placeholders.fill_path(spec.path),
        params={
            **placeholders.fill(spec.params),
            **_bounds(spec, placeholders.window),
            **values,
        },
        body=placeholders.fill(spec.body),
        extensions=[filled_extension(each, placeholders) for each in spec.extend_resources],
        added={MARKETPLACE_FIELD: marketplace_id} if marketplace_id else {},
    )


def _is_per_marketplace(spec: EndpointSpec) -> bool:
    parts = [spec.path, spec.params, spec.body]
    return names_one_marketplace(parts) or any(map(_names_marketplace, spec.extend_resources))


def _names_marketplace(extension: ExtensionSpec) -> bool:
    parts = [extension.path, extension.params]
    return names_one_marketplace(parts) or any(map(_names_marketplace, extension.extend_resources))


def _bounds(spec: EndpointSpec, window: DataWindow | None) -> dict[str, str]:
    """Return the parameters that receive the window's ends."""
    if window is None:
        return {}
    ends = {
        spec.updated_at_param: window.start,
        spec.updated_before_param: window.last_instant,
    }
    return {name: timestamp(moment) for name, moment in ends.items() if name}
