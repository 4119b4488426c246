"""Named credentials: where the name in `credentials: acme` leads.

    ASP_CREDENTIALS_ACME_CLIENT_ID=…     the environment, one variable for each key
    [acme]                               a table of the TOML file that ASP_CREDENTIALS_FILE names
    aws-secretsmanager:amazon/acme       a JSON object in AWS Secrets Manager

Here belongs looking a name up, which is done when a run needs it and never at load. Names are the
same in any case, and whether written with `-`, `_` or a space. What credentials are is said in
`catalog.accounts`. No message holds a value.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/intro.html
"""

import json
import os
import re
import shlex
import stat
import tomllib
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asp_dagster.catalog.accounts import CREDENTIALS_KEYS, NEEDED_KEYS, CredentialsSpec
from asp_dagster.catalog.declarations import DeclarationError, parse
from asp_dagster.spapi import ConfigurationError
from asp_dagster.spapi.errors import redacted
from asp_dagster.spapi.silent_logs import BOTOCORE, without_logs

_SECRETS_MANAGER = "aws-secretsmanager:"
_PREFIX = "ASP_CREDENTIALS_"
_VARIABLE = re.compile(
    rf"{_PREFIX}(?P<name>.+)_(?:{'|'.join(key.upper() for key in CREDENTIALS_KEYS)})"
)
_REGION_OF_ARN = re.compile(r"arn:[\w-]+:secretsmanager:([\w-]+):")

_OTHERS_READ_OR_WRITE = 0o066

_AWS_REMEDIES = {
    "ResourceNotFoundException": "check its id, the AWS region and the AWS account",
    "AccessDeniedException": "allow the run's role secretsmanager:GetSecretValue on it",
    "DecryptionFailure": "allow the run's role kms:Decrypt on the key it is encrypted with",
    "InvalidRequestException": "restore it if it is marked for deletion",
}


class CredentialsError(ConfigurationError):
    """Named credentials that are not there, not whole, or not safe where they are."""


class CredentialsUnavailableError(CredentialsError):
    """AWS Secrets Manager cannot be reached, or has trouble."""

    is_curable_by_waiting = True


def read_secret(secret_id: str) -> str:
    """Return the text of a secret in AWS Secrets Manager, by AWS's own settings.

    Args:
        secret_id: The secret's name, or its ARN, which also says the region.

    Raises:
        CredentialsError: When it is not there, or we may not read it.
    """
    from botocore import exceptions as aws  # type: ignore[import-untyped] # noqa: PLC0415
    from dagster_aws.secretsmanager import SecretsManagerResource  # noqa: PLC0415 - as above

    found = _REGION_OF_ARN.match(secret_id)
    with warnings.catch_warnings():
        # Dagster calls its resource beta, which its users can do nothing about.
        warnings.simplefilter("ignore")
        resource = SecretsManagerResource(region_name=found[1] if found else None)
    try:
        with without_logs(BOTOCORE):
            answer = resource.get_client().get_secret_value(SecretId=secret_id)
    except (aws.BotoCoreError, aws.ClientError) as error:
        raise _refused(secret_id, error) from error
    if "SecretString" not in answer:
        raise CredentialsError(f"{_secret(secret_id)} is binary; {_right_secret()}.")
    return str(answer["SecretString"])


@dataclass(frozen=True)
class CredentialsStore:
    """Where named credentials are looked up.

    Attributes:
        environment: The environment's variables, read when a name is looked up.
        file: A TOML file with a table for each name; none if there is none.
        secrets_manager: What returns a secret's text for its id.
    """

    environment: Mapping[str, str] = field(repr=False)
    file: Path | None = None
    secrets_manager: Callable[[str], str] = read_secret

    @classmethod
    def open(cls, file: str | None) -> "CredentialsStore":
        """Return the store of this process's environment and a TOML file, if one is named."""
        return cls(os.environ, Path(file).expanduser() if file else None)

    def find(self, name: str) -> CredentialsSpec:
        """Return the credentials of a name: the environment's, the file's, or AWS's.

        Raises:
            CredentialsError: When there are none, or they are not whole, or others can read them.
        """
        if name.startswith(_SECRETS_MANAGER):
            return self._from_secrets_manager(name.removeprefix(_SECRETS_MANAGER).strip())
        found = self._from_environment(name) or self._from_file(name)
        if found is None:
            raise CredentialsError(self._unknown(name))
        return found

    def _from_environment(self, name: str) -> CredentialsSpec | None:
        variables = {key: f"{_PREFIX}{_normal(name)}_{key.upper()}" for key in CREDENTIALS_KEYS}
        values = {key: self.environment.get(each, "").strip() for key, each in variables.items()}
        if not any(values.values()):
            return None
        missing = [variables[key] for key in NEEDED_KEYS if not values[key]]
        if missing:
            raise CredentialsError(
                f"The credentials {_shown(name)} in the environment are not whole: set"
                f" {' and '.join(missing)} too."
            )
        return CredentialsSpec(**{key: value for key, value in values.items() if value})

    def _from_file(self, name: str) -> CredentialsSpec | None:
        tables = _tables(self.file) if self.file else {}
        titles = [title for title in tables if _normal(title) == _normal(name)]
        if not titles:
            return None
        if len(titles) > 1:
            raise CredentialsError(
                f"{self.file} has {len(titles)} tables for the credentials {_shown(name)}, which"
                f" are one name: {', '.join(titles)}. Leave one of them."
            )
        (title,) = titles
        return _parsed(tables[title], title, f"The credentials {_shown(name)} in {self.file}")

    def _from_secrets_manager(self, secret_id: str) -> CredentialsSpec:
        if not secret_id:
            raise CredentialsError(
                f"{_SECRETS_MANAGER} names no secret; write its id or ARN behind it."
            )
        text = self.secrets_manager(secret_id)
        try:
            value = json.loads(text)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise CredentialsError(f"{_secret(secret_id)} is no JSON object; {_right_secret()}.")
        return _parsed(value, "secret", _secret(secret_id))

    def _unknown(self, name: str) -> str:
        known = ", ".join(sorted(self._names())) or "none yet"
        shown = redacted(name, ())
        variables = " and ".join(f"{_PREFIX}{_normal(shown)}_{key.upper()}" for key in NEEDED_KEYS)
        file = self.file or "a TOML file, named by ASP_CREDENTIALS_FILE,"
        return (
            f"No credentials are named {shown!r}: there are {known}. Set {variables}, or give"
            f" {file} a table [{_normal(shown).lower()}]."
        )

    def _names(self) -> set[str]:
        in_environment = {
            f"{found['name'].lower()} (environment)"
            for variable, value in self.environment.items()
            if (found := _VARIABLE.fullmatch(variable)) and value.strip()
        }
        in_file = _tables(self.file) if self.file else {}
        return in_environment | {f"{title} ({self.file})" for title in in_file}


def _tables(file: Path) -> dict[str, Any]:
    """Return the tables of a file that only its owner can read."""
    try:
        with file.open("rb") as opened:
            mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
            if mode & _OTHERS_READ_OR_WRITE:
                raise CredentialsError(
                    f"{file} holds secrets, and others may read or change it (mode {mode:04o}):"
                    f" chmod 600 {shlex.quote(str(file))}"
                )
            tables = tomllib.load(opened)
    except OSError as error:
        raise CredentialsError(
            f"{file}, named by ASP_CREDENTIALS_FILE, cannot be read: {error.strerror}. Correct the"
            " path, or unset the variable."
        ) from error
    except ValueError as error:
        # The cause may quote what stands there, so only the place is passed on.
        place = re.search(r"\(at [^()]+\)", str(error))
        where = f" {place[0]}" if place else ""
        raise CredentialsError(
            f'{file} is no TOML{where}: write a table [name] with lines such as client_id = "…".'
        ) from None
    _check_tables(file, tables)
    return tables


def _check_tables(file: Path, tables: Mapping[str, Any]) -> None:
    """Refuse a key outside of all tables."""
    stray = [title for title, table in tables.items() if not isinstance(table, dict)]
    if stray:
        raise CredentialsError(
            f"{file} has {', '.join(stray)} outside of any table: write a line [name] above, so"
            " that the credentials have a name."
        )


def _parsed(value: Mapping[str, Any], place: str, what: str) -> CredentialsSpec:
    try:
        return parse(CredentialsSpec, value, place=place)
    except DeclarationError as error:
        raise CredentialsError(f"{what} cannot be used: {error}.") from None


def _refused(secret_id: str, error: Any) -> CredentialsError:
    """Return what an error of boto means."""
    from botocore import exceptions as aws  # noqa: PLC0415 - as above

    code = error.response["Error"]["Code"] if isinstance(error, aws.ClientError) else ""
    is_passing = isinstance(error, (aws.ConnectionError, aws.HTTPClientError)) or bool(
        re.search("Throttl|InternalService|ServiceUnavailable", code)
    )
    kind = CredentialsUnavailableError if is_passing else CredentialsError
    remedy = _AWS_REMEDIES.get(code, "check AWS's settings (region, credentials) and its health")
    reason = " ".join(str(error).split()).rstrip(".")
    return kind(f"{_secret(secret_id)} cannot be read: {reason}; {remedy}.")


def _normal(name: str) -> str:
    """Return a name as it stands in a variable: `acme-eu` and `Acme EU` are `ACME_EU`."""
    return re.sub(r"\W", "_", name.strip().upper())


def _shown(name: str) -> str:
    """Return a name for a message, should somebody have written a token where a name belongs."""
    return repr(redacted(name, ()))


def _secret(secret_id: str) -> str:
    return f"The secret {secret_id!r} in AWS Secrets Manager"


def _right_secret() -> str:
    return f"store a JSON object with {', '.join(NEEDED_KEYS)}"
