"""Restricted data tokens: what Amazon wants to see before it hands out personal data.

Here belong: the token request, and what a refusal means. What a token opens, and which operations
need one, stands in `restricted_operations`; tokens are kept by `token_cache`, sent by `client`.

https://developer-docs.amazon.com/sp-api/docs/tokens-api
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from asp_dagster.spapi.clock import Clock
from asp_dagster.spapi.errors import (
    AccessDeniedError,
    BrokenResponseError,
    NotRestrictedError,
    Refusal,
    RequestError,
    RestrictedDataError,
)
from asp_dagster.spapi.responses import Response
from asp_dagster.spapi.restricted_operations import RestrictedResource
from asp_dagster.spapi.token_cache import TokenCache

TOKEN_PATH = "/tokens/2021-03-01/restrictedDataToken"  # noqa: S105 - a path, not a token

# A missing role is answered 400 InvalidInput, as is a document that holds no personal data.
_NO_ROLE = re.compile(r"\bnot have access\b", re.IGNORECASE)
_NOT_RESTRICTED = re.compile(r"\bunsupported document\b", re.IGNORECASE)


class RestrictedTokens:
    """The restricted data tokens of one selling partner, one per resource; see `token_cache`."""

    def __init__(self, create: Callable[[Mapping[str, Any]], Response], clock: Clock) -> None:
        """Prepare; nothing is asked yet.

        Args:
            create: Sends a body to createRestrictedDataToken, once.
            clock: Where time comes from.
        """
        self._create = create
        self._cache: TokenCache[RestrictedResource, str] = TokenCache(self._fetch, clock)

    def get(self, resource: RestrictedResource) -> str:
        """Return a token that opens the resource, and lives on for a while.

        Raises:
            RestrictedDataError: When the application may not see the personal data.
            NotRestrictedError: When the resource is a document without personal data.
            ApiError: When no token came for another reason.
        """
        return self._cache.get(resource)

    def invalidate(self, token: str, resource: RestrictedResource) -> None:
        """Forget a token that was refused, unless another thread has already renewed it."""
        self._cache.invalidate(token, resource)

    def _fetch(self, resource: RestrictedResource) -> tuple[str, float]:
        try:
            with refusals_explained(resource):
                return _token(self._create(resource.body))
        except RequestError as error:
            if _NO_ROLE.search(error.message):
                raise _denied(error.refusal, resource) from error
            if _NOT_RESTRICTED.search(error.message):
                raise NotRestrictedError(error.refusal) from error
            raise


@contextmanager
def refusals_explained(resource: RestrictedResource | None) -> Iterator[None]:
    """Let a refusal within the block say which role is missing, if it is of a restricted resource.

    Raises:
        RestrictedDataError: In place of any other refusal.
    """
    try:
        yield
    except RestrictedDataError:
        raise
    except AccessDeniedError as error:
        if resource is None:
            raise
        raise _denied(error.refusal, resource) from error


def _denied(refusal: Refusal, resource: RestrictedResource) -> RestrictedDataError:
    role = f"the role {' or '.join(resource.roles)}" if resource.roles else "a restricted role"
    return RestrictedDataError(
        refusal,
        f"{resource.method} {resource.path} answers personal data, for which the application needs"
        f" {role}: request it in the developer profile, add it to the application, then let the"
        " selling partner authorise the application again, since an authorisation does not include"
        " roles that came after it, and set the new refresh token",
    )


def _token(response: Response) -> tuple[str, float]:
    """Read the token from where the model has it, or from `payload`, where an old guide has it."""
    wrapped = response.body.get("payload")
    body = wrapped if isinstance(wrapped, Mapping) else response.body
    token, lifetime = body.get("restrictedDataToken"), body.get("expiresIn")
    if isinstance(token, str) and token and isinstance(lifetime, int | float):
        return token, float(lifetime)
    raise BrokenResponseError(response.refusal("no restrictedDataToken with expiresIn"))
