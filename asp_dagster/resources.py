"""The doors to what is outside: Amazon's API and the warehouse.

Here belong: settings as fields, checked when a run first needs them, and methods that hand out the
plain objects behind them. What those objects do is the lower floors' business.

https://docs.dagster.io/guides/build/external-resources/defining-resources
"""

import dagster as dg
from pydantic import Field, PrivateAttr

from asp_dagster.spapi import (
    AMAZON_LWA_URL,
    ConfigurationError,
    Credentials,
    SellingPartnerClient,
    check_marketplaces,
)
from asp_dagster.warehouse import Warehouse


class AmazonSPResource(dg.ConfigurableResource):  # type: ignore[type-arg] # it stands for itself
    """One selling partner's access to the Selling Partner API.

    Client id, client secret and refresh token are those of Login with Amazon. The AWS fields are
    accepted because older set-ups carry them; Amazon has ignored signatures since 2023-10-02.

    https://developer-docs.amazon.com/sp-api/docs/connect-to-the-selling-partner-api
    """

    endpoint: str | None = Field(
        default=None,
        description="Base URL of the selling region: https://sellingpartnerapi-na.amazon.com",
    )
    client_id: str | None = Field(default=None, description="The application's LWA client id.")
    client_secret: str | None = Field(
        default=None, repr=False, description="The application's LWA client secret."
    )
    refresh_token: str | None = Field(
        default=None, repr=False, description="The selling partner's refresh token."
    )
    marketplace_ids: str = Field(
        default="ATVPDKIKX0DER", description="Marketplace ids of the feeds, separated by commas."
    )
    region: str | None = Field(
        default=None, description="AWS region of the endpoint; only signatures need it."
    )
    role_arn: str | None = Field(
        default=None, description="IAM role for signatures; Amazon no longer needs any."
    )
    aws_access_key_id: str | None = Field(
        default=None, repr=False, description="AWS key for signatures."
    )
    aws_secret_access_key: str | None = Field(
        default=None, repr=False, description="AWS secret key for signatures."
    )
    lwa_url: str = Field(default=AMAZON_LWA_URL, description="Token URL of Login with Amazon.")
    sts_url: str | None = Field(default=None, description="AWS STS endpoint, for signatures.")

    _client: SellingPartnerClient | None = PrivateAttr(default=None)

    @property
    def marketplaces(self) -> tuple[str, ...]:
        """The marketplace ids, in the order given."""
        return tuple(entry.strip() for entry in self.marketplace_ids.split(",") if entry.strip())

    def get_client(self) -> SellingPartnerClient:
        """Hand out the client, the same one throughout a run: its quota is the run's.

        Raises:
            ConfigurationError: When a setting is missing, is no URL, or names a marketplace of
                another selling region; nothing has been sent by then.
        """
        if self._client is None:
            self._client = self._build_client()
        return self._client

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002 - Dagster passes it
        """Close the connections at the end of the run."""
        if self._client is not None:
            self._client.close()

    def _build_client(self) -> SellingPartnerClient:
        endpoint = self._required("endpoint")
        if not self.marketplaces:
            raise ConfigurationError("ASP_MARKETPLACE_IDS is empty; name at least one marketplace.")
        check_marketplaces(endpoint, self.marketplaces)
        credentials = Credentials(
            client_id=self._required("client_id"),
            client_secret=self._required("client_secret"),
            refresh_token=self._required("refresh_token"),
        )
        return SellingPartnerClient(credentials, endpoint, lwa_url=self.lwa_url)

    def _required(self, field: str) -> str:
        value: str | None = getattr(self, field)
        if not value:
            raise ConfigurationError(
                f"The Selling Partner API needs {field}: set the environment variable"
                f" ASP_{field.upper()} and start again."
            )
        return value


class WarehouseResource(dg.ConfigurableResource):  # type: ignore[type-arg] # as above
    """The database that tables are loaded into: DuckDB in a file, or a PostgreSQL server."""

    url: str = Field(
        repr=False,
        description="duckdb:///relative/path, duckdb:////absolute/path or postgresql://…",
    )
    schema_name: str = Field(default="amazon", description="The schema of the tables.")

    def get_warehouse(self) -> Warehouse:
        """Hand out the warehouse; it connects when it loads.

        Raises:
            WarehouseError: When the URL is of neither database.
        """
        return Warehouse.from_url(self.url)
