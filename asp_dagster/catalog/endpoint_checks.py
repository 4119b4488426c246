"""Checks a declared endpoint against what is known of Amazon, without asking Amazon.

Here belong: which rules there are, and the few about an endpoint as a whole. The rules about one
request, be it the endpoint's or an extension's, are in `path_checks`, `parameter_checks` and
`answer_checks`; those about extensions in `extension_checks`, about marketplaces in
`region_checks`.

A mistake is what cannot work; a warning is what may be meant. Of an operation that no model
describes, only the shape of its declaration is checked.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from asp_dagster.catalog import (
    answer_checks,
    extension_checks,
    parameter_checks,
    path_checks,
)
from asp_dagster.catalog.declarations import DeclarationError
from asp_dagster.catalog.declared_requests import DeclaredRequest, Knowledge
from asp_dagster.catalog.endpoints import EndpointSpec, ExtensionSpec
from asp_dagster.catalog.region_checks import (
    Named,
    endpoint_warnings,
    region_mistakes,
    written_ids,
)

Rule = Callable[[DeclaredRequest], Iterator[str]]

MISTAKES: Sequence[Rule] = (
    path_checks.spelling_mistakes,
    path_checks.placeholder_mistakes,
    path_checks.retirement_mistakes,
    path_checks.method_mistakes,
    parameter_checks.name_mistakes,
    parameter_checks.repeated_name_mistakes,
    parameter_checks.missing_mistakes,
    parameter_checks.value_mistakes,
    parameter_checks.placeholder_mistakes,
    parameter_checks.window_mistakes,
    answer_checks.results_key_mistakes,
    answer_checks.paging_mistakes,
)
"""The rules that a request must keep."""

WARNINGS: Sequence[Rule] = (
    path_checks.retirement_warnings,
    path_checks.unknown_path_warnings,
    parameter_checks.marketplace_warnings,
)
"""The rules that a request should keep."""


def check_endpoint(
    source: EndpointSpec, *, endpoint: str | None, marketplace_ids: Sequence[str], today: date
) -> Sequence[str]:
    """Return the warnings about a declared endpoint.

    Args:
        source: What is declared.
        endpoint: Base URL of the selling region; None where only the environment knows it.
        marketplace_ids: The marketplaces asked for.
        today: The day that removal dates are held against.

    Raises:
        DeclarationError: With every mistake, its dotted place and what would have been right.
    """
    knowledge = Knowledge.load(today)
    requests = list(_requests(source, knowledge))
    mistakes = [
        *(mistake for request in requests for rule in MISTAKES for mistake in rule(request)),
        *_body_mistakes(source),
        *_values_mistakes(source, knowledge),
        *_record_mistakes(source),
        *_extension_mistakes(source.extend_resources, "extend_resources", source),
        *region_mistakes(endpoint, _named_marketplaces(source, marketplace_ids)),
    ]
    if mistakes:
        raise DeclarationError("; ".join(dict.fromkeys(mistakes)))
    warned = [warning for request in requests for rule in WARNINGS for warning in rule(request)]
    return [*warned, *endpoint_warnings(endpoint)]


def _requests(source: EndpointSpec, knowledge: Knowledge) -> Iterator[DeclaredRequest]:
    yield DeclaredRequest.of_endpoint(source, knowledge)
    for place, extension in _all_extensions(source.extend_resources, "extend_resources"):
        yield DeclaredRequest.of_extension(extension, place, knowledge)


def _all_extensions(
    extensions: Sequence[ExtensionSpec], place: str
) -> Iterator[tuple[str, ExtensionSpec]]:
    for number, extension in enumerate(extensions):
        yield f"{place}.{number}", extension
        yield from _all_extensions(extension.extend_resources, f"{place}.{number}.extend_resources")


def _body_mistakes(source: EndpointSpec) -> Iterator[str]:
    if source.method == "POST" and source.body is None:
        yield "body: is missing; a POST sends what it searches for in its body"
    if source.method == "GET" and source.body is not None:
        yield "body: a GET sends none; write `method: POST`, or put its parameters into params"
    yield from parameter_checks.unknown_placeholders("body", source.body)


def _values_mistakes(source: EndpointSpec, knowledge: Knowledge) -> Iterator[str]:
    """Name more values for a request than its parameter takes."""
    values = source.values_from
    operation = knowledge.operations.find(source.method, source.path)
    if values is None:
        return
    if values.per_request < 1:
        yield "values_from.per_request: asks for nothing; write 1 or more"
    parameter = operation.parameters.get(values.param) if operation else None
    most = parameter.most if parameter else None
    if most and values.per_request > most:
        yield f"values_from.per_request: {values.param} takes at most {most} values"


def _record_mistakes(source: EndpointSpec) -> Iterator[str]:
    config = source.record_config
    if source.reuse_extensions and (config is None or config.last_modified_field is None):
        yield (
            "reuse_extensions: needs record_config.last_modified_field, by which a record is known"
            " not to have changed"
        )
    if config is None:
        return
    if not config.ids:
        yield "record_config.id_field: is empty; name the field that identifies a record"
    if len(set(config.ids)) < len(config.ids):
        yield "record_config.id_field: names a field twice; keep one"
    named = [("id_field", field) for field in config.ids]
    if config.last_modified_field is not None:
        named.append(("last_modified_field", config.last_modified_field))
    for key, field in named:
        if not all(name.strip() for name in field.split(".")):
            yield f"record_config.{key}: {field!r} is no dotted place; write orderId or order.id"


def _extension_mistakes(
    extensions: Sequence[ExtensionSpec], place: str, source: EndpointSpec | None
) -> Iterator[str]:
    """Name the mistakes of extensions that stand side by side, and of those within them."""
    siblings = [(f"{place}.{number}", each) for number, each in enumerate(extensions)]
    if siblings and place.count("extend_resources") > extension_checks.DEEPEST:
        yield f"{place}: is more than {extension_checks.DEEPEST} deep; split the feed"
        return
    config = source.record_config if source else None
    yield from extension_checks.new_field_mistakes(siblings, config)
    yield from extension_checks.order_mistakes(siblings)
    for inner, extension in siblings:
        yield from extension_checks.variable_mistakes(inner, extension)
        yield from _extension_mistakes(
            extension.extend_resources, f"{inner}.extend_resources", None
        )


def _named_marketplaces(source: EndpointSpec, account_ids: Sequence[str]) -> Named:
    named = {"marketplaces": account_ids}
    for name, value in source.params.items():
        if name.casefold() in {"marketplaceid", "marketplaceids"}:
            named[f"params.{name}"] = written_ids(value)
    return named
