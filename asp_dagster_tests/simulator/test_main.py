"""The command line: `asp simulator`."""

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from asp_dagster.simulator.__main__ import command

COMMAND = [sys.executable, "-W", "error", "-m", "asp_dagster.simulator", "--port", "0"]


@pytest.fixture
def run() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the command; it is stopped after the test."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def _environment(text: str) -> dict[str, str]:
    words = [shlex.split(line) for line in text.splitlines()]
    assert {word[0] for word in words} == {"export"}
    return dict(word[1].split("=", 1) for word in words)


def _first_lines(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return "".join(process.stdout.readline() for _ in range(6))


def test_environment_leads_to_the_simulator(run: Callable[..., subprocess.Popen[str]]) -> None:
    """The printed settings are for a shell, and open the simulator's door."""
    environment = _environment(_first_lines(run("--print-env", "--orders", "5")))
    form = {
        "grant_type": "refresh_token",
        "client_id": environment["ASP_CLIENT_ID"],
        "client_secret": environment["ASP_CLIENT_SECRET"],
        "refresh_token": environment["ASP_REFRESH_TOKEN"],
    }

    assert requests.post(environment["ASP_LWA_URL"], form, timeout=20).status_code == 200
    assert environment["ASP_LWA_URL"].startswith(environment["ASP_ENDPOINT"])
    assert environment["ASP_MARKETPLACE_IDS"] == "ATVPDKIKX0DER"


def test_programs_read_the_settings(run: Callable[..., subprocess.Popen[str]]) -> None:
    """As JSON the settings are an object, printed once it listens."""
    process = run("--json", "--orders", "5")
    assert process.stdout is not None
    settings = json.loads("".join(iter(process.stdout.readline, "}\n")) + "}")

    assert settings["ASP_MARKETPLACE_IDS"] == "ATVPDKIKX0DER"
    assert requests.get(f"{settings['ASP_ENDPOINT']}/simulator/calls", timeout=20).ok


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it_cleanly(
    run: Callable[..., subprocess.Popen[str]], ending: signal.Signals
) -> None:
    """SIGTERM and SIGINT end it with success and without a traceback."""
    process = run("--print-env", "--orders", "5")
    _first_lines(process)
    process.send_signal(ending)
    _, errors = process.communicate(timeout=20)

    assert process.returncode == 0
    assert "Traceback" not in errors


def test_ready_file_holds_the_environment(
    run: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    """The ready file appears when the simulator listens, with the same settings."""
    file = tmp_path / "simulator.env"
    process = run("--ready-file", str(file), "--orders", "5")
    assert process.stderr is not None
    announcement = process.stderr.readline()

    assert announcement.startswith("5 orders are served at http://127.0.0.1:")
    assert _environment(file.read_text())["ASP_ENDPOINT"] in announcement


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["--host", "0.0.0.0"], "only serves this machine: 0.0.0.0", id="host"),  # noqa: S104 - what must be refused
        pytest.param(["--speed", "fast"], "could not convert", id="speed"),
        pytest.param(["--marketplaces", "X"], "No marketplace has the id 'X'", id="marketplace"),
        pytest.param(["--models", "nowhere"], "No model with static sandbox cases", id="models"),
        pytest.param(["--port", "99999"], "99999 is not in the range", id="port"),
        pytest.param(["--json", "--print-env"], "give one of them", id="twice-the-same"),
        pytest.param(["--until", "yesterday"], "does not match the format", id="until"),
    ],
)
def test_mistakes_end_in_one_sentence(arguments: list[str], words: str) -> None:
    """A wrong argument ends the command with a sentence that names it."""
    done = CliRunner().invoke(command, [*arguments, "--orders", "1"])

    assert done.exit_code == 2
    assert words in done.stderr


def test_help_states_what_speed_means() -> None:
    """The help says what the speed factor multiplies and what it leaves."""
    text = " ".join(CliRunner().invoke(command, ["--help"]).output.split())

    assert "every rate is multiplied, bursts stay" in text
