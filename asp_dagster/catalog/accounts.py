"""Credentials, as a declaration writes them, in Mitto's words.

Here belong: the value, and what can be known of it without asking anybody. Looking a name up is the
work of `asp_dagster.credentials`; logging in is `spapi`'s.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, ConfigDict

from asp_dagster import spapi
from asp_dagster.spapi import ConfigurationError

if TYPE_CHECKING:  # only who logs in pays for loading them
    from asp_dagster.spapi import AwsKeys, Credentials

# What Dagster fills from the environment, so that the file holds no secret.
_FROM_ENVIRONMENT = re.compile(r"\s*\{\{\s*env\b[^{}]*\}\}\s*")


def _given(value: object) -> object:
    """Refuse an empty text, which Amazon would refuse later and less clearly."""
    if value is None or (isinstance(value, str) and not value.strip()):
        raise ValueError("is empty")
    return value


def _none_if_empty(value: object) -> object:
    """Take an empty text for none: Mitto's job files carry keys without a value."""
    return None if isinstance(value, str) and not value.strip() else value


def _day(value: object) -> object:
    """Take a day as text: TOML and YAML make a date of it."""
    return value.isoformat() if isinstance(value, date) else _none_if_empty(value)


_Given = Annotated[str, BeforeValidator(_given)]
_Optional = Annotated[str | None, BeforeValidator(_none_if_empty)]
_Day = Annotated[str | None, BeforeValidator(_day)]


@dataclass(frozen=True, kw_only=True)
class CredentialsSpec:
    """A selling partner's credentials.

    Attributes:
        client_id: The application's LWA client id.
        client_secret: The application's LWA client secret; expires after 180 days.
        refresh_token: The selling partner's refresh token.
        region: AWS region of the endpoint, for signatures; known from Amazon's endpoints.
        role_arn: IAM role whose session signs; without AWS keys it means nothing.
        aws_access_key_id: AWS key for signatures, which Amazon has ignored since 2023-10-02.
        aws_secret_access_key: Its secret; with both, requests are signed.
        client_secret_issued: The day the client secret was issued, `2026-06-01`: it expires 180
            days later, which a check warns of.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    client_id: _Given
    client_secret: _Given = field(repr=False)
    refresh_token: _Given = field(repr=False)
    region: _Optional = None
    role_arn: _Optional = None
    aws_access_key_id: _Optional = field(default=None, repr=False)
    aws_secret_access_key: _Optional = field(default=None, repr=False)
    client_secret_issued: _Day = None

    @property
    def secret_issued_on(self) -> date | None:
        """The day the client secret was issued, if it is said.

        Raises:
            ConfigurationError: When what is said is no date.
        """
        if self.client_secret_issued is None:
            return None
        try:
            return date.fromisoformat(self.client_secret_issued)
        except ValueError:
            raise ConfigurationError(
                f"client_secret_issued is {self.client_secret_issued!r}, which is no date; write it"
                " as 2026-06-01."
            ) from None

    @property
    def login(self) -> "Credentials":
        """What the client logs in with."""
        return spapi.Credentials(self.client_id, self.client_secret, self.refresh_token)

    @property
    def aws_keys(self) -> "AwsKeys | None":
        """What requests are signed with, if they are to be.

        Raises:
            ConfigurationError: When there is half a key.
        """
        key_id, secret = self.aws_access_key_id, self.aws_secret_access_key
        if not key_id and not secret:
            return None
        if not key_id or not secret:
            missing = "aws_secret_access_key" if key_id else "aws_access_key_id"
            raise ConfigurationError(
                f"To sign requests, {missing} is needed too: set it. Or remove the other half, for"
                " Amazon has not needed signatures since 2023-10-02."
            )
        return spapi.AwsKeys(
            access_key_id=key_id,
            secret_access_key=secret,
            role_arn=self.role_arn,
            region=self.region,
        )


CREDENTIALS_KEYS = tuple(entry.name for entry in fields(CredentialsSpec))
"""The keys that credentials have, wherever they are kept."""

NEEDED_KEYS = ("client_id", "client_secret", "refresh_token")
"""The keys that credentials must have."""

_SECRETS = ("client_secret", "refresh_token", "aws_secret_access_key")


def literal_secrets_warning(credentials: object) -> str | None:
    """Return what to warn of where secrets stand in a declaration itself.

    Args:
        credentials: What the YAML holds, before `{{ env.X }}` is filled in.

    Returns:
        A sentence that names the keys and never a value; none if there is nothing to warn of.
    """
    if not isinstance(credentials, Mapping):
        return None
    literal = [key for key in _SECRETS if _is_literal(credentials.get(key))]
    if not literal:
        return None
    places = ", ".join(f"credentials.{key}" for key in literal)
    return (
        f"{places}: written literally, so whoever reads the file can use it; write the name of"
        f" credentials that are kept elsewhere, or `{{{{ env.ASP_{literal[0].upper()} }}}}`."
    )


def _is_literal(value: object) -> bool:
    text = str(value or "")
    return bool(text.strip()) and not _FROM_ENVIRONMENT.fullmatch(text)
