"""The door to Amazon: `AmazonSPResource`, which hands out clients of the Selling Partner API."""

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field, PrivateAttr

from asp_dagster import spapi, state
from asp_dagster.catalog.accounts import CREDENTIALS_KEYS, NEEDED_KEYS, CredentialsSpec
from asp_dagster.catalog.durations import duration
from asp_dagster.catalog.feeds import Account
from asp_dagster.credentials import CredentialsStore
from asp_dagster.resources.state import DEFAULT_STATE
from asp_dagster.spapi import (
    AMAZON_LWA_URL,
    ConfigurationError,
    UsagePlans,
    check_marketplaces,
)

if TYPE_CHECKING:  # only who uses them pays for loading them
    from asp_dagster.spapi import SellingPartnerClient, Signer
    from asp_dagster.state import SharedQuota, State

_Whose = tuple[Account, bool, timedelta | None]


class AmazonSPResource(dg.ConfigurableResource):  # type: ignore[type-arg] # it stands for itself
    """One selling partner's access to the Selling Partner API.

    Client id, client secret and refresh token are those of Login with Amazon. With the AWS keys
    requests are signed as well, as older set-ups and their proxies want it; Amazon has ignored
    signatures since 2023-10-02.

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
    client_secret_issued: str | None = Field(
        default=None,
        description="The day the client secret was issued, 2026-06-01: a check warns before it"
        " expires, 180 days later.",
    )
    region: str | None = Field(
        default=None, description="AWS region for signatures; known from Amazon's endpoint."
    )
    role_arn: str | None = Field(
        default=None, description="IAM role whose session signs, beside the AWS keys."
    )
    aws_access_key_id: str | None = Field(
        default=None, repr=False, description="AWS key for signatures, if any are wanted."
    )
    aws_secret_access_key: str | None = Field(
        default=None, repr=False, description="AWS secret key for signatures."
    )
    seller_id: str | None = Field(
        default=None, description="The seller's id, for the few paths that hold it (listings)."
    )
    credentials_file: str | None = Field(
        default=None, description="A TOML file of named credentials, readable by its owner only."
    )
    lwa_url: str = Field(default=AMAZON_LWA_URL, description="Token URL of Login with Amazon.")
    sts_url: str | None = Field(default=None, description="AWS STS endpoint, for signatures.")
    state: str = Field(
        default=DEFAULT_STATE,
        repr=False,
        description="The shared state, as in StateResource: the quota of all processes is there.",
    )
    max_wait: str | None = Field(
        default=None,
        description="The longest that a request waits for quota: `30 minutes`. A step that would"
        " have to wait longer stops, and is tried again when the quota is back.",
    )

    _clients: "dict[_Whose, SellingPartnerClient]" = PrivateAttr(default_factory=dict)
    _found: dict[Account, CredentialsSpec] = PrivateAttr(default_factory=dict)
    _state: "State | None" = PrivateAttr(default=None)
    _quotas: "dict[timedelta | None, SharedQuota]" = PrivateAttr(default_factory=dict)

    def marketplaces_of(self, account: Account) -> tuple[str, ...]:
        """Return the marketplace ids of a feed: its own, or those set here, in the order given.

        Raises:
            ConfigurationError: When there are none, or one is of another selling region.
        """
        marketplaces = self.named_marketplaces(account)
        check_marketplaces(account.endpoint or self._required("endpoint"), marketplaces)
        return marketplaces

    def named_marketplaces(self, account: Account) -> tuple[str, ...]:
        """Return the same, of whatever selling region they are.

        Raises:
            ConfigurationError: When there are none.
        """
        given = tuple(entry.strip() for entry in self.marketplace_ids.split(",") if entry.strip())
        marketplaces = account.marketplaces or given
        if not marketplaces:
            raise ConfigurationError("ASP_MARKETPLACE_IDS is empty; name at least one marketplace.")
        return marketplaces

    def get_client(
        self,
        account: Account | None = None,
        *,
        personal_data: bool = False,
        max_wait: timedelta | None = None,
    ) -> "SellingPartnerClient":
        """Hand out a client, the same one throughout a run; its quota is everybody's.

        Args:
            account: Whose data is asked for; what it does not say is set here.
            personal_data: Whether it asks for personal data too, where that takes a token.
            max_wait: The longest that a request waits for quota; by default as it is set here.

        Raises:
            ConfigurationError: When a setting or named credentials are missing, or a URL is none;
                nothing has been sent by then.
            StateURLError: When the state's URL is none.
        """
        whose = account or Account()
        longest = self._longest_wait() if max_wait is None else max_wait
        if (whose, personal_data, longest) not in self._clients:
            plans = UsagePlans.load()
            asking = plans.with_personal_data() if personal_data else plans
            client = self._build_client(whose, asking, self._opened_quota(longest))
            self._clients[whose, personal_data, longest] = client
        return self._clients[whose, personal_data, longest]

    def secret_issued_on(self, account: Account) -> date | None:
        """Return the day on which a feed's client secret was issued, if it is said.

        Args:
            account: Whose data the feed asks for.

        Raises:
            ConfigurationError: When a setting or named credentials are missing, or it is no date.
        """
        return self._credentials(account).secret_issued_on

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002 - Dagster passes it
        """Close the connections at the end of the run."""
        self.close()

    @property
    def clients(self) -> "tuple[SellingPartnerClient, ...]":
        """The clients that were handed out."""
        return tuple(self._clients.values())

    def close(self) -> None:
        """Close the connections, for who uses the resource without Dagster."""
        for client in self._clients.values():
            client.close()
        if self._state is not None:
            self._state.close()

    def _build_client(
        self, account: Account, plans: UsagePlans, quota: "SharedQuota"
    ) -> "SellingPartnerClient":
        credentials = self._credentials(account)
        endpoint = account.endpoint or self._required("endpoint")
        return spapi.SellingPartnerClient(
            credentials.login,
            endpoint,
            lwa_url=self.lwa_url,
            quota=quota,
            usage_plans=plans,
            signer=self._signer(credentials, endpoint),
        )

    def _opened_quota(self, max_wait: timedelta | None) -> "SharedQuota":
        self._state = self._state or state.State.from_url(self.state)
        return self._quotas.setdefault(max_wait, self._state.quota(max_wait))

    def _longest_wait(self) -> timedelta | None:
        try:
            return duration(self.max_wait) if self.max_wait else None
        except ValueError as error:
            raise ConfigurationError(f"ASP_MAX_WAIT: {error}.") from None

    def _signer(self, credentials: CredentialsSpec, endpoint: str) -> "Signer | None":
        keys = credentials.aws_keys
        return spapi.Signer(replace(keys, sts_url=self.sts_url), endpoint) if keys else None

    def _credentials(self, account: Account) -> CredentialsSpec:
        if account not in self._found:
            self._found[account] = self._find_credentials(account)
        return self._found[account]

    def _find_credentials(self, account: Account) -> CredentialsSpec:
        given = account.credentials
        if given is None:
            needed = {name: self._required(name) for name in NEEDED_KEYS}
            optional = {name: getattr(self, name) for name in CREDENTIALS_KEYS}
            return CredentialsSpec(**(optional | needed))
        if isinstance(given, CredentialsSpec):
            return given
        return CredentialsStore.open(self.credentials_file).find(given)

    def _required(self, field: str) -> str:
        value: str | None = getattr(self, field)
        if not value:
            raise ConfigurationError(
                f"The Selling Partner API needs {field}: set the environment variable"
                f" ASP_{field.upper()} and start again."
            )
        return value
