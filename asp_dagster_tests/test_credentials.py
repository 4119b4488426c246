"""Named credentials are found in the environment or in a file, or well missed."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from asp_dagster.credentials import CredentialsError, CredentialsStore

VALUES = {"client_id": "app", "client_secret": "the-secret", "refresh_token": "the-token"}
TABLE = "".join(f'{key} = "{value}"\n' for key, value in VALUES.items())

ENVIRONMENT = {
    "ASP_CREDENTIALS_ACME_EU_CLIENT_ID": "from-environment",
    "ASP_CREDENTIALS_ACME_EU_CLIENT_SECRET": "the-secret",
    "ASP_CREDENTIALS_ACME_EU_REFRESH_TOKEN": "the-token\n",
    "ASP_CREDENTIALS_ACME_EU_ROLE_ARN": "",
    "ASP_CREDENTIALS_ACME_EU_REGION": "eu-west-1",
}

UNREADABLE = [
    pytest.param("client_id = 1\n[acme]", ["client_id outside of any table"], id="no-table"),
    pytest.param(
        '[acme]\nclient_secret = "the-secret', ["no TOML (at end of document)"], id="no-toml"
    ),
    pytest.param("\xff the-secret", ["is no TOML"], id="no-text"),
    pytest.param(
        '[acme]\nclient_secret = "the-secret"\nsecret = "the-token"',
        ["acme.client_id: is missing", "acme.secret: unknown key; known: ", "refresh_token"],
        id="wrong-keys",
    ),
    pytest.param(f"[acme]\n{TABLE}[ACME]\n{TABLE}", ["2 tables", "acme, ACME"], id="twice"),
]


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Write a file of credentials that only its owner can read."""

    def write(text: str) -> Path:
        file = tmp_path / "credentials.toml"
        file.write_text(text, encoding="latin-1")
        file.chmod(0o600)
        return file

    return write


def _mistake(store: CredentialsStore, name: str = "acme") -> str:
    with pytest.raises(CredentialsError) as missed:
        store.find(name)
    assert "the-secret" not in str(missed.value)
    assert "the-token" not in str(missed.value)
    return str(missed.value)


@pytest.mark.parametrize("name", ["acme-eu", "Acme EU", "ACME_EU"])
def test_environment_has_credentials(name: str) -> None:
    """A name is found in the environment, however it is written there or in the declaration."""
    found = CredentialsStore(ENVIRONMENT).find(name)

    assert (found.client_id, found.refresh_token) == ("from-environment", "the-token")
    assert (found.region, found.role_arn) == ("eu-west-1", None)


@pytest.mark.parametrize("title", ["acme-eu", '"Acme EU"'])
def test_file_has_credentials(write: Callable[[str], Path], title: str) -> None:
    """A name is found as a table of the file, in any case."""
    store = CredentialsStore({}, write(f"[other]\n[{title}]\n{TABLE}"))

    assert store.find("acme eu").client_id == "app"


def test_environment_comes_before_the_file(write: Callable[[str], Path]) -> None:
    """Where both have a name the environment's is taken, and the file is not even read."""
    store = CredentialsStore(ENVIRONMENT, write("no TOML"))

    assert store.find("acme-eu").client_id == "from-environment"


def test_credentials_are_looked_up_when_they_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that was opened before the environment was set finds what it holds now."""
    store = CredentialsStore.open(None)
    for variable, value in ENVIRONMENT.items():
        monkeypatch.setenv(variable, value)

    assert store.find("acme-eu").client_id == "from-environment"


def test_file_may_be_below_home(
    write: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A `~` in the file's path is the home folder, which no shell may have filled in."""
    monkeypatch.setenv("HOME", str(tmp_path))
    write(f"[acme]\n{TABLE}")

    assert CredentialsStore.open("~/credentials.toml").find("acme").client_id == "app"


def test_unknown_name_lists_those_there_are(write: Callable[[str], Path]) -> None:
    """An unknown name is told with the names there are, and how to add it; never with values."""
    file = write(f"[other]\n{TABLE}")

    mistake = _mistake(CredentialsStore(ENVIRONMENT, file), "acm")

    assert f"'acm': there are acme_eu (environment), other ({file})." in mistake
    assert "Set ASP_CREDENTIALS_ACM_CLIENT_ID and" in mistake
    assert mistake.endswith("a table [acm].")


def test_no_names_at_all() -> None:
    """Where nothing has credentials, the way to set the first is told."""
    mistake = _mistake(CredentialsStore({"ASP_CREDENTIALS_FILE": "", "PATH": "/"}))

    assert "there are none yet" in mistake
    assert "ASP_CREDENTIALS_FILE" in mistake


def test_token_in_place_of_a_name_is_not_shown() -> None:
    """A token that was written where a name belongs is not repeated."""
    mistake = _mistake(CredentialsStore({}), "Atzr|IwEBIexample")

    assert "iwebi" not in mistake.lower()


def test_incomplete_environment_names_the_variables() -> None:
    """Variables that are missing beside others are named; the file is not asked for them."""
    given = {"ASP_CREDENTIALS_ACME_CLIENT_SECRET": "the-secret"}

    mistake = _mistake(CredentialsStore(given))

    assert "set ASP_CREDENTIALS_ACME_CLIENT_ID and ASP_CREDENTIALS_ACME_REFRESH_TOKEN" in mistake


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622])
def test_file_that_others_can_read_is_refused(write: Callable[[str], Path], mode: int) -> None:
    """A file that others can read or change is refused, with its mode and the remedy."""
    file = write(f"[acme]\n{TABLE}")
    file.chmod(mode)

    mistake = _mistake(CredentialsStore({}, file))

    assert f"(mode 0{mode:o}): chmod 600 {file}" in mistake


@pytest.mark.parametrize(("path", "words"), [("none.toml", "No such file"), ("", "directory")])
def test_file_that_cannot_be_read_is_named(tmp_path: Path, path: str, words: str) -> None:
    """A file that is not there, or is none, is told with the variable that names it."""
    mistake = _mistake(CredentialsStore({}, tmp_path / path))

    assert words in mistake
    assert "ASP_CREDENTIALS_FILE" in mistake


@pytest.mark.parametrize(("text", "words"), UNREADABLE)
def test_wrong_file_names_the_place(
    write: Callable[[str], Path], text: str, words: list[str]
) -> None:
    """What is wrong in a file is told by place and key, never by value."""
    mistake = _mistake(CredentialsStore({}, write(text)))

    assert [word for word in words if word not in mistake] == []


def test_importing_is_cheap() -> None:
    """Who uses no named credentials pays neither for Dagster nor for boto3's import."""
    program = "import asp_dagster.credentials, sys; print({'dagster', 'boto3'} & set(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    printed = subprocess.check_output([sys.executable, "-c", program], env=environment, text=True)

    assert printed.strip() == "set()"
