"""What is known of an operation is found by its declared path."""

import pytest

from asp_dagster.catalog.operations import Operations, QueryParameter, counterpart

PAIRS = {
    "CreatedAfter": "CreatedBefore",
    "EarliestDeliveryDateAfter": "EarliestDeliveryDateBefore",
    "FinancialEventGroupStartedAfter": "FinancialEventGroupStartedBefore",
    "LastUpdatedAfter": "LastUpdatedBefore",
    "LatestDeliveryDateAfter": "LatestDeliveryDateBefore",
    "PostedAfter": "PostedBefore",
    "changedAfter": "changedBefore",
    "createdAfter": "createdBefore",
    "createdSince": "createdUntil",
    "dateStart": "dateEnd",
    "estimatedDeliveryAfter": "estimatedDeliveryBefore",
    "fromIssueDate": "toIssueDate",
    "labelCreatedAfter": "labelCreatedBefore",
    "lastUpdatedAfter": "lastUpdatedBefore",
    "lastUpdatedSince": "lastUpdatedUntil",
    "packageLabelCreatedAfter": "packageLabelCreatedBefore",
    "periodStart": "periodEnd",
    "postedAfter": "postedBefore",
    "requestedPickUpAfter": "requestedPickUpBefore",
    "scheduleStartDate": "scheduleEndDate",
    "scheduledPickUpAfter": "scheduledPickUpBefore",
    "shipmentConfirmedAfter": "shipmentConfirmedBefore",
    "shipmentDeliveryAfter": "shipmentDeliveryBefore",
    "shippedAfter": "shippedBefore",
    "startTime": "endTime",
    "updatedAfter": "updatedBefore",
}
"""Every lower bound in Amazon's models that has an upper bound."""


@pytest.fixture(scope="module")
def operations() -> Operations:
    """The table that comes with the package."""
    return Operations.load()


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        pytest.param("GET", "/orders/v0/orders", "getOrders", id="no-variable"),
        pytest.param("get", "/orders/v0/orders/902-3/orderItems", "getOrderItems", id="value"),
        pytest.param("GET", "/orders/v0/orders/{}/orderItems", "getOrderItems", id="braces"),
        pytest.param(
            "GET", "/listings/2021-08-01/items/{seller_id}", "searchListingsItems", id="named"
        ),
        pytest.param("POST", "/reports/2021-06-30/reports", "createReport", id="method"),
    ],
)
def test_declared_path_finds_its_operation(
    operations: Operations, method: str, path: str, name: str
) -> None:
    """A declared path finds its operation, whatever stands for its variables."""
    found = operations.find(method, path)

    assert found is not None
    assert found.name == name


def test_what_no_model_describes_is_unknown(operations: Operations) -> None:
    """A path or method that no model has finds nothing."""
    assert operations.find("GET", "/weather/v1/forecast") is None
    assert operations.find("DELETE", "/orders/v0/orders") is None


def test_operation_tells_its_parameters(operations: Operations) -> None:
    """An operation tells its parameters, their kinds, limits, and which it requires."""
    found = operations.find("GET", "/orders/v0/orders")

    assert found is not None
    assert found.is_deprecated
    assert found.parameters["IsISPU"].kind == "boolean"
    assert found.parameters["MaxResultsPerPage"].kind == "integer"
    assert found.parameters["MarketplaceIds"] == QueryParameter(
        name="MarketplaceIds", kind="list-of-text", is_required=True, most=50
    )
    assert not found.parameters["LastUpdatedAfter"].is_required


def test_operation_tells_the_places_in_its_answer(operations: Operations) -> None:
    """An operation tells where its answer holds objects and lists, and where anything may be."""
    orders = operations.find("GET", "/orders/v0/orders")
    item = operations.find("GET", "/catalog/2022-04-01/items/{asin}")

    assert orders is not None
    assert orders.places == ("payload", "payload.Orders", "errors")
    assert item is not None
    assert "attributes.*" in item.places


@pytest.mark.parametrize(
    ("path", "reads"),
    [
        pytest.param("/replenishment/2022-11-07/offers/search", True, id="search"),
        pytest.param("/batches/products/pricing/v0/itemOffers", True, id="batch"),
        pytest.param("/products/fees/v0/feesEstimate", True, id="estimate"),
        pytest.param("/feeds/2021-06-30/feeds", False, id="feed"),
        pytest.param("/dataKiosk/2023-11-15/queries", False, id="query"),
        pytest.param("/tokens/2021-03-01/restrictedDataToken", False, id="token"),
    ],
)
def test_operation_tells_whether_it_only_reads(
    operations: Operations, path: str, *, reads: bool
) -> None:
    """A POST that searches or estimates reads; one that makes something does not."""
    found = operations.find("POST", path)

    assert found is not None
    assert found.reads is reads


def test_upper_bound_of_every_lower_bound(operations: Operations) -> None:
    """The upper bounds found over all models are exactly those that are listed."""
    found = {
        name: upper
        for operation in operations.all
        for name in operation.parameters
        if (upper := counterpart(name, operation))
    }

    assert found == PAIRS


@pytest.mark.parametrize(
    ("parameter", "path"),
    [
        pytest.param("startDateTime", "/fba/inventory/v1/summaries", id="no-upper-bound"),
        pytest.param("MarketplaceIds", "/orders/v0/orders", id="no-bound"),
        pytest.param("LastUpdatedBefore", "/orders/v0/orders", id="upper-bound"),
        pytest.param("createdAfter", "/weather/v1/forecast", id="unknown-operation"),
    ],
)
def test_what_has_no_upper_bound_gets_none(
    operations: Operations, parameter: str, path: str
) -> None:
    """A parameter without an upper bound, or of an unknown operation, gets none."""
    assert counterpart(parameter, operations.find("GET", path)) is None
