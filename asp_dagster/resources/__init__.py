"""The doors to what is outside: Amazon's API, the warehouse and the shared state.

Here belong: settings as fields, checked when a run first needs them, and methods that hand out the
plain objects behind them. What those objects do is the lower floors' business.

    amazon       AmazonSPResource
    warehouse    WarehouseResource
    state        StateResource

https://docs.dagster.io/guides/build/external-resources/defining-resources
"""

from asp_dagster.resources.amazon import AmazonSPResource
from asp_dagster.resources.state import DEFAULT_STATE, StateResource
from asp_dagster.resources.warehouse import WarehouseResource

__all__ = ["DEFAULT_STATE", "AmazonSPResource", "StateResource", "WarehouseResource"]
