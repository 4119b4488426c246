"""The command says what is wrong and what would be right, and asks Amazon for nothing meanwhile."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.simulator import Simulator

US = "ATVPDKIKX0DER"
RETURNS = "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE"

Run = Callable[..., tuple[int, str]]
Declare = Callable[..., None]

WRONG = [
    pytest.param(
        {"report_spec": {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA"}},
        "schedule: Amazon schedules no GET_MERCHANT_LISTINGS_ALL_DATA; known: ",
        id="type",
    ),
    pytest.param({"schedule": {"period": "P4D"}}, "schedule.period: Input should be", id="period"),
    pytest.param({"schedule": {}}, "schedule.period: is missing", id="no-period"),
]


@pytest.mark.parametrize(("changes", "words"), WRONG)
def test_wrong_declaration_is_refused(
    amazon: Simulator, run: Run, declare: Declare, changes: dict[str, Any], words: str
) -> None:
    """Nothing is asked of Amazon, and the rule is said."""
    declare(**changes)

    code, printed = run("status")

    assert code == 1
    assert words in printed
    assert amazon.count("getReportSchedules") == 0


def test_two_declarations_of_one_schedule_are_refused(run: Run, declare: Declare) -> None:
    """Amazon would let one take the place of the other, again and again."""
    declare()
    declare("returns_again", schedule={"period": "P7D"})

    code, printed = run("apply")

    assert code == 1
    assert "schedule: two feeds declare a schedule of" in printed


def test_missing_folder_is_said(run: Run, folder: Path) -> None:
    """The remedy stands in the message."""
    folder.rmdir()

    assert "There is no folder" in run("status")[1]


def test_missing_setting_is_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is named."""
    monkeypatch.delenv("ASP_REFRESH_TOKEN")

    code, printed = run("status")

    assert code == 1
    assert "ASP_REFRESH_TOKEN" in printed


def test_accounts_have_credentials_of_their_own(
    amazon: Simulator, run: Run, declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A feed's account is asked with its credentials, and one partner only once."""
    names = ("client_id", "client_secret", "refresh_token")
    for name in names:
        monkeypatch.setenv(f"OF_ACME_{name}", getattr(amazon, name))
        monkeypatch.delenv(f"ASP_{name.upper()}")
    own = {name: f"{{{{ env.OF_ACME_{name} }}}}" for name in names}
    declare(account="acme", credentials=own)
    declare("traffic", account="acme_too", credentials=own, schedule=None)

    assert run("apply") == (0, f"created: acme: {RETURNS} each P1D for {US}, 70000000001\n")
    assert amazon.count("getReportSchedules") == 3


@pytest.mark.parametrize(
    "arguments", [pytest.param((), id="none"), pytest.param(("remove",), id="no-schedule")]
)
def test_wrong_arguments(run: Run, arguments: tuple[str, ...]) -> None:
    """What is missing is said with exit code 2."""
    code, printed = run(*arguments)

    assert code == 2
    assert "Missing" in printed or "No such option" in printed
