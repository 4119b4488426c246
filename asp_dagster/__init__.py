"""A selling partner's Amazon data as raw files and tables, by Dagster.

This file imports nothing, so that the plain client (`asp_dagster.spapi`) costs no Dagster. The
names below are found when they are first asked for; a `defs.yaml` writes them as `type:
asp_dagster.AmazonSPApi`.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:  # a type checker takes this name for `typing.TYPE_CHECKING`
    from asp_dagster.assets import build_feed_assets
    from asp_dagster.catalog.endpoints import EndpointSpec, ExtensionSpec
    from asp_dagster.catalog.feeds import Account, Feed, PartitionsSpec, ReportSpec
    from asp_dagster.catalog.tables import InferredTable, TableSpec
    from asp_dagster.components import (
        AmazonSPApi,
        AmazonSPListedReport,
        AmazonSPReport,
        AmazonSPReportFile,
        MittoJobs,
        SellingPartners,
    )
    from asp_dagster.doctor import build_doctor_job
    from asp_dagster.io_managers import RawFileIOManager, TableIOManager
    from asp_dagster.jobs import build_feed_job
    from asp_dagster.resources import AmazonSPResource, StateResource, WarehouseResource
    from asp_dagster.retention import build_retention
    from asp_dagster.settings import build_resources
    from asp_dagster.spapi import Credentials, SellingPartnerClient

_NAMES = {
    "asp_dagster.assets": ["build_feed_assets"],
    "asp_dagster.catalog.endpoints": ["EndpointSpec", "ExtensionSpec"],
    "asp_dagster.catalog.feeds": ["Account", "Feed", "PartitionsSpec", "ReportSpec"],
    "asp_dagster.catalog.tables": ["InferredTable", "TableSpec"],
    "asp_dagster.components": [
        "AmazonSPApi",
        "AmazonSPListedReport",
        "AmazonSPReport",
        "AmazonSPReportFile",
        "MittoJobs",
        "SellingPartners",
    ],
    "asp_dagster.doctor": ["build_doctor_job"],
    "asp_dagster.io_managers": ["RawFileIOManager", "TableIOManager"],
    "asp_dagster.jobs": ["build_feed_job"],
    "asp_dagster.resources": ["AmazonSPResource", "StateResource", "WarehouseResource"],
    "asp_dagster.retention": ["build_retention"],
    "asp_dagster.settings": ["build_resources"],
    "asp_dagster.spapi": ["Credentials", "SellingPartnerClient"],
}
_HOMES = {name: home for home, names in _NAMES.items() for name in names}

__all__ = [
    "Account",
    "AmazonSPApi",
    "AmazonSPListedReport",
    "AmazonSPReport",
    "AmazonSPReportFile",
    "AmazonSPResource",
    "Credentials",
    "EndpointSpec",
    "ExtensionSpec",
    "Feed",
    "InferredTable",
    "MittoJobs",
    "PartitionsSpec",
    "RawFileIOManager",
    "ReportSpec",
    "SellingPartnerClient",
    "SellingPartners",
    "StateResource",
    "TableIOManager",
    "TableSpec",
    "WarehouseResource",
    "build_doctor_job",
    "build_feed_assets",
    "build_feed_job",
    "build_resources",
    "build_retention",
]


def __getattr__(name: str) -> object:
    """Find a public name in its home module.

    https://peps.python.org/pep-0562/
    """
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - this file imports nothing at its head

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted([*globals(), *__all__])
