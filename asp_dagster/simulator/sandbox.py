"""Amazon's own published answers: the static sandbox cases in its models.

Here belong: reading the cases from the model files, and choosing the case that a request gets.
Nothing of the answers is ours, but the empty page after a last one that Amazon did not publish.

https://developer-docs.amazon.com/sp-api/docs/sp-api-static-sandbox
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

from asp_dagster.simulator.operations import Operation, OperationRequest, UsagePlan
from asp_dagster.simulator.wire import Answer, invalid_input, to_json

Match = Literal["exact", "nearest"]
Parameters = Mapping[str, Any]

SANDBOX_PLAN = UsagePlan(5, 15)
"""One plan for all operations of the sandbox."""

_METHODS = ("get", "post", "put", "patch", "delete")
_TOKENS = frozenset(
    {
        "NextToken",
        "nextToken",
        "nextPageToken",
        "nextTokenForLineItems",
        "pageToken",
        "paginationToken",
    }
)
"""The names under which Amazon's APIs hand out and take page tokens."""


@dataclass(frozen=True)
class Case:
    """One request that Amazon published, with its answer.

    Attributes:
        status: The HTTP status.
        parameters: The request's parameters by name; a body's fields are `body.<name>`.
        response: The answer's JSON; None for an empty body.
        headers: The answer's headers.
    """

    status: int
    parameters: Parameters
    response: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def answer(self) -> Answer:
        """The published answer; HTTP allows no body with 204, though some models have one."""
        is_empty = self.response is None or self.status == HTTPStatus.NO_CONTENT
        body = b"" if is_empty else to_json(self.response)
        return Answer(self.status, body, self.headers)

    @property
    def is_success(self) -> bool:
        """Whether the request succeeds."""
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own numbers

    @cached_property
    def following_tokens(self) -> frozenset[str]:
        """The page tokens that the answer hands out."""
        return frozenset(_tokens_in(self.response))

    def agreement(self, parameters: Parameters) -> int:
        """Return in how many parameters the case agrees with a request."""
        return sum(parameters.get(name) == value for name, value in self.parameters.items())


@dataclass(frozen=True)
class PublishedOperation:
    """An operation with its cases.

    Attributes:
        name: Amazon's name.
        method: The HTTP method.
        template: The path with its variables.
        declared: The parameters that the operation takes.
        arrays: Those that are comma-joined lists.
        required: The parameters that Amazon's cases may lack, but requests may not.
        cases: The cases, in the model's order.
        match: Whether a request must equal a case, or gets the nearest one.
    """

    name: str
    method: str
    template: str
    declared: frozenset[str]
    arrays: frozenset[str]
    required: frozenset[str]
    cases: Sequence[Case]
    match: Match

    def operation(self) -> Operation:
        """Return the operation that answers with the cases."""
        return Operation(self.name, self.method, self.template, SANDBOX_PLAN, self._handle)

    def _handle(self, request: OperationRequest) -> Answer:
        parameters = self._parameters(request)
        case = self._equal(parameters)
        if case is None and self.match == "nearest":
            case = self._nearest(parameters) or self._last_page(parameters)
        if case is None:
            raise invalid_input("Could not match input arguments")
        return case.answer

    def _parameters(self, request: OperationRequest) -> Parameters:
        texts = {**dict(request.query), **request.path}
        read = {
            name: tuple(text.split(",")) if name in self.arrays else text
            for name, text in texts.items()
        }
        return {**read, **_body_fields(_json(request.body))}

    def _equal(self, parameters: Parameters) -> Case | None:
        """Return the case whose parameters are the request's, the most detailed of several."""
        equal = [case for case in self.cases if self._equals(case, parameters)]
        return max(equal, key=lambda case: len(case.parameters), default=None)

    def _equals(self, case: Case, parameters: Parameters) -> bool:
        """Tell whether a request is the case's, aside from required parameters the case lacks.

        A failure must have said what makes it fail: some have no parameters at all.
        """
        extra = parameters.keys() - case.parameters.keys()
        return (
            case.agreement(parameters) == len(case.parameters)
            and all(name.partition(".")[0] in self.required for name in extra)
            and (case.is_success or bool(case.parameters))
        )

    def _nearest(self, parameters: Parameters) -> Case | None:
        """Return the successful case that agrees in most parameters, the first of several.

        A page token leads to the case of that very token, and to no other.
        """
        tokens = _page_tokens(parameters)
        candidates = [
            case
            for case in self.cases
            if case.is_success and _page_tokens(case.parameters) == tokens
        ]
        return max(candidates, key=lambda case: case.agreement(parameters), default=None)

    def _last_page(self, parameters: Parameters) -> Case | None:
        """Return an empty page for a token that a case hands out and no case takes.

        Amazon publishes such tokens; without this a reader that follows them would be lost.
        """
        tokens = {parameters[name] for name in _TOKENS & self.declared & parameters.keys()}
        for case in self.cases:
            if tokens and tokens <= case.following_tokens:
                return replace(case, response=_emptied(case.response))
        return None


def published_operations(directory: Path, match: Match = "nearest") -> Iterator[Operation]:
    """Yield every operation that has static cases in the models below a directory.

    Args:
        directory: Where Amazon's models (Swagger 2.0) lie.
        match: Whether a request must equal a case, or gets the nearest one.

    Raises:
        ValueError: When there is no such case, or a file is not JSON.
    """
    found = False
    for file in sorted(directory.rglob("*.json")):
        for published in _operations_in(_model(file), match):
            found = True
            yield published.operation()
    if not found:
        raise ValueError(f"No model with static sandbox cases lies below {directory}.")


def _model(file: Path) -> Mapping[str, Any]:
    try:
        model = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{file} is not JSON: {error}") from error
    return model if isinstance(model, dict) and "swagger" in model else {}


def _operations_in(model: Mapping[str, Any], match: Match) -> Iterator[PublishedOperation]:
    for template, path in model.get("paths", {}).items():
        for method in _METHODS:
            operation = path.get(method, {})
            declared = [_resolved(each, model) for each in operation.get("parameters", ())]
            arrays = frozenset(each["name"] for each in declared if each.get("type") == "array")
            cases = tuple(_cases(operation, arrays))
            if cases:
                yield PublishedOperation(
                    name=operation["operationId"],
                    method=method.upper(),
                    template=template,
                    declared=frozenset(each["name"] for each in declared),
                    arrays=arrays,
                    required=frozenset(each["name"] for each in declared if each.get("required")),
                    cases=cases,
                    match=match,
                )


def _resolved(parameter: Mapping[str, Any], model: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a parameter's reference to where the model declares it."""
    if "$ref" not in parameter:
        return parameter
    declared: Mapping[str, Any] = model["parameters"][parameter["$ref"].rpartition("/")[2]]
    return declared


def _cases(operation: Mapping[str, Any], arrays: frozenset[str]) -> Iterator[Case]:
    for status, response in operation.get("responses", {}).items():
        for case in _published(response):
            parameters = case.get("request", {}).get("parameters", {})
            yield Case(
                status=int(status),
                parameters=_case_parameters(parameters, arrays),
                response=case.get("response"),
                headers={
                    name: _text(header["value"])
                    for name, header in case.get("responseHeaders", {}).items()
                },
            )


def _published(response: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return a response's cases; two vendor models keep them where Amazon once kept all."""
    published: Sequence[Mapping[str, Any]] = response.get("x-amzn-api-sandbox", {}).get(
        "static"
    ) or response.get("x-amazon-spds-sandbox-behaviors", ())
    return published


def _case_parameters(parameters: Mapping[str, Any], arrays: frozenset[str]) -> Parameters:
    """Return a case's parameters as a request's are read; some bodies lack their `value`."""
    read: dict[str, Any] = {}
    for name, parameter in parameters.items():
        value = parameter.get("value", parameter)
        read |= _body_fields(value) if name == "body" else {name: _as_sent(name, value, arrays)}
    return read


def _as_sent(name: str, value: Any, arrays: frozenset[str]) -> Any:
    """Return a value as it stands in a query: text, or the texts that commas join."""
    if isinstance(value, list):
        return tuple(map(_text, value))
    return tuple(_text(value).split(",")) if name in arrays else _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _body_fields(body: Any) -> Parameters:
    if isinstance(body, dict):
        return {f"body.{name}": value for name, value in body.items()}
    return {} if body is None else {"body": body}


def _json(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError as error:
        raise invalid_input("The body is not JSON.", str(error)) from error


def _page_tokens(parameters: Parameters) -> Parameters:
    return {name: value for name, value in parameters.items() if name in _TOKENS}


def _tokens_in(value: Any) -> Iterator[str]:
    """Yield the page tokens anywhere in an answer."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in _TOKENS and isinstance(inner, str):
                yield inner
            yield from _tokens_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _tokens_in(inner)


def _emptied(value: Any) -> Any:
    """Return an answer as it is without records and without a further page."""
    if isinstance(value, dict):
        return {name: _emptied(inner) for name, inner in value.items() if name not in _TOKENS}
    return [] if isinstance(value, list) else value
