"""The settings of a code location: variables of the environment, as resources.

Here belongs which variable is which field. A variable that is set is passed on as a reference, so
its value appears in no page of the UI and in no database; loading reads no other.
"""

import os
from collections.abc import Mapping
from typing import Any

import dagster as dg

from asp_dagster.alerts.resource import AlertsResource
from asp_dagster.assets import RAW_IO_MANAGER, TABLE_IO_MANAGER
from asp_dagster.io_managers import RawFileIOManager, TableIOManager
from asp_dagster.notifications.resource import NotificationsResource
from asp_dagster.overview.assets import OVERVIEW_FILES
from asp_dagster.pools import DEFAULT_WAREHOUSE
from asp_dagster.resources import (
    DEFAULT_STATE,
    AmazonSPResource,
    StateResource,
    WarehouseResource,
)

_AMAZON_SETTINGS = (
    "endpoint",
    "region",
    "client_id",
    "client_secret",
    "client_secret_issued",
    "refresh_token",
    "role_arn",
    "aws_access_key_id",
    "aws_secret_access_key",
    "lwa_url",
    "sts_url",
    "marketplace_ids",
    "seller_id",
    "credentials_file",
    "state",
    "max_wait",
)

_NOTIFICATION_SETTINGS = (
    "notifications_queue",
    "sqs_url",
)


def build_resources() -> Mapping[str, object]:
    """Return the resources as the environment sets them; which setting is missing a run says."""
    warehouse = _setting("ASP_WAREHOUSE", DEFAULT_WAREHOUSE)
    return {
        "amazon": AmazonSPResource(**_if_set(*_AMAZON_SETTINGS)),
        RAW_IO_MANAGER: RawFileIOManager(
            base_path=_setting("ASP_RAW_PATH", "data/raw"),
            **_if_set("encryption", "kms_key_id", prefix="ASP_RAW_"),
        ),
        OVERVIEW_FILES: RawFileIOManager(base_path=_setting("ASP_OVERVIEW_PATH", "data/overview")),
        TABLE_IO_MANAGER: TableIOManager(url=warehouse),
        "warehouse": WarehouseResource(url=warehouse, **_if_set("hash_key")),
        "state": StateResource(url=_setting("ASP_STATE", DEFAULT_STATE)),
        "notifications": NotificationsResource(**_if_set(*_NOTIFICATION_SETTINGS)),
        "alerts": AlertsResource(
            **_if_set("webhook", "email_to", "email_from", prefix="ASP_ALERT_"),
            **_if_set("smtp_url", "quiet", "healed", "ui_url", prefix="ASP_ALERT_"),
        ),
    }


def amazon_outside_runs() -> AmazonSPResource:
    """Return the resource as the environment sets it, for commands, which close it themselves."""
    variables = {name: f"ASP_{name.upper()}" for name in AmazonSPResource.model_fields}
    return AmazonSPResource(
        **{
            name: os.environ[variable]
            for name, variable in variables.items()
            if os.environ.get(variable)
        }
    )


def _if_set(*fields: str, prefix: str = "ASP_") -> dict[str, Any]:
    """Return the variables of those fields whose variable is set."""
    variables = {field: dg.EnvVar(f"{prefix}{field.upper()}") for field in fields}
    return {field: variable for field, variable in variables.items() if variable.get_value()}


def _setting(variable: str, default: str) -> str:
    return dg.EnvVar(variable) if dg.EnvVar(variable).get_value() else default
