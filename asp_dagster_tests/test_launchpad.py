"""What a person chooses for one run, in the launchpad."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.catalog.feeds import Account, Feed
from asp_dagster.components import AmazonSPReport
from asp_dagster.definitions import build_definitions
from asp_dagster.landing import SettingError
from asp_dagster.launchpad import Choices
from asp_dagster.resources import AmazonSPResource
from asp_dagster.simulator import Partner, Simulator

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAY = (UNTIL - timedelta(days=1)).date().isoformat()
SHOPS = ["A1PA6795UKMFR9", "A1F83G8C2ARO7P"]
REPORT = "raw_sales_and_traffic"

Run = Callable[..., dg.ExecuteInProcessResult]


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A selling partner in two marketplaces, whose reports are made at once."""
    partner = Partner.generate(seed=5, orders=60, until=UNTIL, days=2, marketplaces=SHOPS)
    with Simulator(partner, speed=1e6, report_seconds=0) as running:
        yield running


@pytest.fixture
def run(
    amazon: Simulator,
    settings: Callable[[Simulator], Mapping[str, str]],
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Land a raw asset with what is chosen."""
    for name, value in {**settings(amazon), "ASP_MARKETPLACE_IDS": ",".join(SHOPS)}.items():
        monkeypatch.setenv(name, value)

    def launch(job: str, asset: str, **config: Any) -> dg.ExecuteInProcessResult:
        return (
            build_definitions()
            .resolve_job_def(job)
            .execute_in_process(
                run_config={"ops": {asset: {"config": config}}},
                partition_key=DAY,
                asset_selection=[dg.AssetKey(asset)],
                instance=instance,
                raise_on_error=False,
            )
        )

    return launch


def _refusal(result: dg.ExecuteInProcessResult) -> str:
    (failure,) = (each for each in result.all_events if each.is_step_failure)
    return str(failure.step_failure_data.error)


def test_some_marketplaces_are_landed_beside_the_others(
    amazon: Simulator, run: Run, tmp_path: Path
) -> None:
    """Only the chosen marketplace's report is asked for; the other's file stays as it was."""
    assert run("reports_job", REPORT).success
    folder = tmp_path / "raw" / REPORT / DAY
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}

    assert run("reports_job", REPORT, marketplaces=SHOPS[:1], reuse_age="0 minutes").success

    after = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    changed = [name for name, moment in after.items() if before[name] != moment]
    assert (changed, sorted(after)) == ([f"{SHOPS[0]}.json"], sorted(before))
    assert amazon.count("createReport") == 3


def test_report_may_be_as_old_as_is_chosen(amazon: Simulator, run: Run) -> None:
    """With `1 day` a report that is there is fetched; with `0 minutes` it is made anew."""
    assert run("reports_job", REPORT).success
    asked = amazon.count("createReport")

    assert run("reports_job", REPORT, reuse_age="1 day").success
    assert amazon.count("createReport") == asked == 2
    assert run("reports_job", REPORT, reuse_age="0 minutes").success
    assert amazon.count("createReport") == 4


def test_marketplace_that_is_none_of_the_feeds_is_refused(amazon: Simulator, run: Run) -> None:
    """A foreign marketplace ends the run before anything is asked for, with those there are."""
    result = run("reports_job", REPORT, marketplaces=["ATVPDKIKX0DER"])

    told = f"ATVPDKIKX0DER is none of {REPORT}'s: choose of {', '.join(SHOPS)}."
    assert told in _refusal(result)
    assert amazon.count("createReport") == 0


def test_marketplaces_that_share_a_file_cannot_be_chosen(run: Run, tmp_path: Path) -> None:
    """A part of a file never takes the place of the whole."""
    result = run("orders_job", "raw_orders", marketplaces=SHOPS[:1])

    assert "raw_orders lands all marketplaces in one file" in _refusal(result)
    assert not (tmp_path / "raw" / "raw_orders").exists()


def test_feed_that_waits_by_a_sensor_takes_no_marketplaces() -> None:
    """The run that lands the reports would not know of the choice."""
    declared: dict[str, Any] = {"report": "GET_SALES_AND_TRAFFIC_REPORT", "wait": "sensor"}
    component: Any = AmazonSPReport.from_attributes_dict(attributes=declared)
    feed: Feed = component.declared()

    with pytest.raises(SettingError, match="which knows nothing of the choice; leave it empty"):
        Choices(marketplaces=SHOPS).applied(feed, AmazonSPResource())


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"max_wait": "soon"}, "max_wait: 'soon' is no length of time; write 30 minutes"),
        ({"reuse_age": "1 hour"}, "reuse_age: raw_orders asks for no reports; leave it empty"),
    ],
    ids=["no length", "no report"],
)
def test_choice_that_cannot_be_meant_is_a_sentence(
    run: Run, config: Mapping[str, str], words: str
) -> None:
    """A choice is checked before Amazon is asked, and the failure says what would be right."""
    assert words in _refusal(run("orders_job", "raw_orders", **config))


def test_chosen_wait_goes_before_the_setting(
    amazon: Simulator, settings: Callable[[Simulator], Mapping[str, str]]
) -> None:
    """A run that chooses none shares the client of the setting; one that does has its own."""
    names = ("lwa_url", "client_id", "client_secret", "refresh_token")
    given = {name: getattr(amazon, name) for name in names}
    state = settings(amazon)["ASP_STATE"]
    resource = AmazonSPResource(endpoint=amazon.url, state=state, max_wait="1 hour", **given)

    usual, chosen = resource.get_client(), resource.get_client(max_wait=timedelta(0))
    same = resource.get_client(Account(), max_wait=timedelta(hours=1))

    assert same is usual is not chosen
    resource.close()


def test_launchpad_describes_each_choice() -> None:
    """Each choice has its description and a default, so that a run needs none of them."""
    fields = Choices.to_config_schema().as_field().config_type.fields

    assert set(fields) == {"from", "to", "marketplaces", "reuse_age", "max_wait"}
    assert all(each.description and not each.is_required for each in fields.values())
