"""Reads the streams Orders and OrderItems by Airbyte's connector, as its command `read` does.

https://docs.airbyte.com/integrations/sources/amazon-seller-partner
"""

import json
import os
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import requests
from airbyte_cdk.entrypoint import AirbyteEntrypoint
from quota_time import QuotaTime
from source_amazon_seller_partner import SourceAmazonSellerPartner

_KEYS = {"Orders": "AmazonOrderId", "OrderItems": "OrderItemId"}

_MILLISECONDS = re.compile(rb"(?<=:\d\d)[.]\d{3}Z")
"""What the simulator states of a time beyond Amazon's examples; the peer refuses to read it."""


def prepare(simulator: QuotaTime, _asked: Sequence[str]) -> Callable[[], Mapping[str, object]]:
    """Load the connector; return what reads both streams and says what came."""
    _lead_to(simulator)
    folder = tempfile.TemporaryDirectory()
    config, catalog = Path(folder.name) / "config.json", Path(folder.name) / "catalog.json"
    config.write_text(json.dumps(_config()), "utf-8")
    catalog.write_text(json.dumps(_catalog()), "utf-8")
    source = SourceAmazonSellerPartner(
        SourceAmazonSellerPartner.read_catalog(str(catalog)),
        SourceAmazonSellerPartner.read_config(str(config)),
        None,
    )

    def fetch() -> Mapping[str, object]:
        with folder:
            return _read(source, ["--config", str(config), "--catalog", str(catalog)])

    return fetch


def _read(source: SourceAmazonSellerPartner, files: Sequence[str]) -> Mapping[str, object]:
    command = AirbyteEntrypoint.parse_args(["read", *files])
    found: dict[str, set[str]] = {name: set() for name in _KEYS}
    for line in AirbyteEntrypoint(source).run(command):
        message = json.loads(line)
        if message["type"] == "RECORD":
            stream = message["record"]["stream"]
            found[stream].add(message["record"]["data"][_KEYS[stream]])
    counts = {name: len(keys) for name, keys in found.items()}
    return {"orders": counts["Orders"], "items": counts["OrderItems"], "gave_up": False}


def _config() -> Mapping[str, Any]:
    return {
        "auth_type": "oauth2.0",
        "aws_environment": "PRODUCTION",
        "region": "US",
        "account_type": "Seller",
        "lwa_app_id": os.environ["ASP_CLIENT_ID"],
        "lwa_client_secret": os.environ["ASP_CLIENT_SECRET"],
        "refresh_token": os.environ["ASP_REFRESH_TOKEN"],
        "replication_start_date": os.environ["ASP_FROM"],
        "replication_end_date": os.environ["ASP_TO"],
    }


def _catalog() -> Mapping[str, Any]:
    modes = ["full_refresh", "incremental"]
    return {
        "streams": [
            {
                "stream": {"name": name, "json_schema": {}, "supported_sync_modes": modes},
                "sync_mode": "incremental",
                "destination_sync_mode": "append_dedup",
            }
            for name in _KEYS
        ]
    }


def _lead_to(simulator: QuotaTime) -> None:
    """Turn around what requests sends."""
    send = requests.adapters.HTTPAdapter.send

    def send_there(
        self: requests.adapters.HTTPAdapter, request: requests.PreparedRequest, **options: Any
    ) -> requests.Response:
        there = request.copy()
        there.url = simulator.url(request.url)
        there.headers.pop("host", None)
        response = send(self, there, **options)
        response.request, response.url = request, request.url
        response._content = _MILLISECONDS.sub(b"Z", response.content)  # noqa: SLF001 - no other door
        simulator.state_amazons_rate(response.headers)
        return response

    requests.adapters.HTTPAdapter.send = send_there
