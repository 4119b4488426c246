"""The sales-and-traffic report: the rows a reader must end up with, and Amazon's document.

Here belong: ratios, roundings and the words of GET_SALES_AND_TRAFFIC_REPORT. Counting is
`sales_facts`; what becomes of a report on its way is `reports`.

https://developer-docs.amazon.com/sp-api/docs/report-type-values-analytics
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from asp_dagster.simulator.marketplaces import Marketplace
from asp_dagster.simulator.orders import Product, rounded
from asp_dagster.simulator.sales_facts import Facts, Period, merged

Row = dict[str, Any]
Metrics = dict[str, Decimal | float | int]
AsinGranularity = Literal["PARENT", "CHILD", "SKU"]

_KEYS: Mapping[AsinGranularity, Callable[[Product], Row]] = {
    "PARENT": lambda product: {"parent_asin": product.parent_asin},
    "CHILD": lambda product: {"parent_asin": product.parent_asin, "child_asin": product.asin},
    "SKU": lambda product: {
        "parent_asin": product.parent_asin,
        "child_asin": product.asin,
        "sku": product.sku,
    },
}


def rows_by_date(period: Period) -> list[Row]:
    """Return the period's one row, or none if there is no data."""
    if not period.by_product:
        return []
    sales, traffic = _metrics_by_date(period)
    return [{"date": period.start, "currency": period.marketplace.currency, **sales, **traffic}]


def rows_by_asin(period: Period, granularity: AsinGranularity = "CHILD") -> list[Row]:
    """Return a row for each product family, ASIN or SKU."""
    everything = period.all_products
    return [
        {
            "currency": period.marketplace.currency,
            **key,
            **_sales_by_asin(facts),
            **_traffic_by_asin(facts, everything),
        }
        for key, facts in _grouped(period, granularity)
    ]


def document(
    specification: Mapping[str, Any], periods: Sequence[Period], granularity: AsinGranularity
) -> dict[str, Any]:
    """Return the report as Amazon writes it.

    Args:
        specification: The request, which Amazon repeats.
        periods: The days, weeks or months; the part by ASIN counts them together.
        granularity: What that part is counted by.
    """
    return {
        "reportSpecification": specification,
        "salesAndTrafficByDate": [_entry_by_date(period) for period in periods],
        "salesAndTrafficByAsin": _entries_by_asin(merged(periods), granularity),
    }


def _entry_by_date(period: Period) -> dict[str, Any]:
    sales, traffic = _metrics_by_date(period)
    return {
        "date": period.start.isoformat(),
        "salesByDate": _in_amazons_words(sales, period.marketplace),
        "trafficByDate": _in_amazons_words(traffic, period.marketplace),
    }


def _entries_by_asin(period: Period, granularity: AsinGranularity) -> list[dict[str, Any]]:
    everything, shop = period.all_products, period.marketplace
    return [
        {
            **_in_amazons_words(key, shop),
            "salesByAsin": _in_amazons_words(_sales_by_asin(facts), shop),
            "trafficByAsin": _in_amazons_words(_traffic_by_asin(facts, everything), shop),
        }
        for key, facts in _grouped(period, granularity)
    ]


def _grouped(period: Period, granularity: AsinGranularity) -> list[tuple[Row, Facts]]:
    """Add up the products that are one at this granularity."""
    sums: defaultdict[tuple[tuple[str, str], ...], Facts] = defaultdict(Facts)
    for product, facts in period.by_product.items():
        sums[tuple(_KEYS[granularity](product).items())] += facts
    return [(dict(key), facts) for key, facts in sums.items()]


def _metrics_by_date(period: Period) -> tuple[Metrics, Metrics]:
    facts = period.all_products
    return _sales_by_date(facts, period.marketplace), _traffic_by_date(facts, period)


def _sales_by_date(facts: Facts, shop: Marketplace) -> Metrics:
    zero = rounded(Decimal(0), shop)
    return {
        **_sales_by_asin(facts),
        "average_sales_per_order_item": _average(facts.sales, facts.order_items, shop),
        "average_units_per_order_item": _ratio(facts.units, facts.order_items),
        "average_selling_price": _average(facts.sales, facts.units, shop),
        "units_refunded": facts.units_refunded,
        "refund_rate": _ratio(100 * facts.units_refunded, facts.units),
        "claims_granted": 0,
        "claims_amount": zero,
        "shipped_product_sales": facts.shipped_sales + zero,
        "units_shipped": facts.units_shipped,
        "orders_shipped": facts.orders_shipped,
    }


def _sales_by_asin(facts: Facts) -> Metrics:
    return {
        "ordered_product_sales": facts.sales,
        "ordered_product_sales_b2b": facts.sales_b2b,
        "units_ordered": facts.units,
        "units_ordered_b2b": facts.units_b2b,
        "total_order_items": facts.order_items,
        "total_order_items_b2b": facts.order_items_b2b,
    }


def _traffic_by_date(facts: Facts, period: Period) -> Metrics:
    return {
        **_visits(facts),
        "order_item_session_percentage": _ratio(100 * facts.order_items, facts.sessions),
        "average_offer_count": len(period.by_product),
        "average_parent_items": len({product.parent_asin for product in period.by_product}),
        "feedback_received": 0,
        "negative_feedback_received": 0,
        "received_negative_feedback_rate": 0.0,
    }


def _traffic_by_asin(facts: Facts, everything: Facts) -> Metrics:
    shares = {
        "browser_session": (facts.browser_sessions, everything.browser_sessions),
        "mobile_app_session": (facts.app_sessions, everything.app_sessions),
        "session": (facts.sessions, everything.sessions),
        "browser_page_views": (facts.browser_views, everything.browser_views),
        "mobile_app_page_views": (facts.app_views, everything.app_views),
        "page_views": (facts.views, everything.views),
    }
    percentages = {f"{name}_percentage": _ratio(100 * a, b) for name, (a, b) in shares.items()}
    return {**_visits(facts), **percentages}


def _visits(facts: Facts) -> Metrics:
    return {
        "browser_page_views": facts.browser_views,
        "mobile_app_page_views": facts.app_views,
        "page_views": facts.views,
        "browser_sessions": facts.browser_sessions,
        "mobile_app_sessions": facts.app_sessions,
        "sessions": facts.sessions,
        "buy_box_percentage": _ratio(100 * facts.buy_box_views, facts.views),
        "unit_session_percentage": _ratio(100 * facts.units, facts.sessions),
    }


def _ratio(part: int, whole: int) -> float:
    return round(part / whole, 2) if whole else 0.0


def _average(amount: Decimal, count: int, shop: Marketplace) -> Decimal:
    return rounded(amount / count if count else Decimal(0), shop)


def _in_amazons_words(metrics: Mapping[str, Any], shop: Marketplace) -> dict[str, Any]:
    """Write names in Amazon's case and money as amounts with their currency."""
    return {
        _camel_case(name): _amount(value, shop) if isinstance(value, Decimal) else value
        for name, value in metrics.items()
    }


def _amount(amount: Decimal, shop: Marketplace) -> dict[str, Any]:
    return {"amount": float(amount), "currencyCode": shop.currency}


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join("B2B" if word == "b2b" else word.capitalize() for word in others)
