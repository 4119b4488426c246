"""Each listed report that has landed is a partition."""

from datetime import timedelta

import dagster as dg
import pytest

from asp_dagster.components import AmazonSPListedReport
from asp_dagster_tests.clocks import LateClock
from asp_dagster_tests.declaring import code_location, definitions_of
from asp_dagster_tests.listed.conftest import Settlements


def test_each_report_is_a_partition(
    settlements: Settlements, instance: dg.DagsterInstance, clock: LateClock
) -> None:
    """Dagster shows each report that has landed as a partition of its own, told of once."""
    documents = dg.AssetKey("settlements_documents")
    clock.behind = timedelta(days=30)
    settlements.run()
    before = set(settlements.landed())
    assert set(instance.get_dynamic_partitions("raw_settlements")) == before
    clock.behind = timedelta(0)

    settlements.run()

    landed = set(settlements.landed())
    assert before < landed == set(instance.get_dynamic_partitions("raw_settlements"))
    events = instance.fetch_materializations(documents, limit=100).records
    assert sorted(str(event.partition_key) for event in events) == sorted(landed)
    newest = events[0].asset_materialization
    assert newest is not None
    assert newest.metadata["dagster/partition_row_count"].value


@pytest.mark.filterwarnings("ignore:Parameter `include_sources`")
def test_own_asset_runs_for_each_new_report(instance: dg.DagsterInstance) -> None:
    """An asset with the same partitions is asked for by its condition, report by report."""
    partitions = dg.DynamicPartitionsDefinition(name="raw_settlements")
    eager = dg.AutomationCondition.eager()

    @dg.asset(deps=["settlements_documents"], partitions_def=partitions, automation_condition=eager)
    def booked() -> None:
        """Stand for anything that is done with a settlement."""

    feed = definitions_of(AmazonSPListedReport, {"feed": "settlements"})
    defs = code_location(feed, dg.Definitions(assets=[booked]))
    before = dg.evaluate_automation_conditions(defs, instance)
    instance.add_dynamic_partitions("raw_settlements", ["600"])
    landed = dg.AssetMaterialization("settlements_documents", partition="600")
    instance.report_runless_asset_event(landed)

    asked = dg.evaluate_automation_conditions(defs, instance, cursor=before.cursor)

    assert asked.get_requested_partitions(dg.AssetKey("booked")) == {"600"}
