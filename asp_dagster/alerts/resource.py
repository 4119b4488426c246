"""The settings of alerts.

Here belong: fields, and the targets that they mean.

https://docs.dagster.io/guides/build/external-resources/defining-resources
"""

from collections.abc import Mapping
from datetime import timedelta

import dagster as dg
from pydantic import Field

from asp_dagster.alerts.targets import Mail, Target, Webhook
from asp_dagster.catalog.durations import duration
from asp_dagster.spapi.errors import ConfigurationError


class AlertsResource(dg.ConfigurableResource):  # type: ignore[type-arg] # it stands for itself
    """Where failed runs are told."""

    webhook: str | None = Field(
        default=None, repr=False, description="A URL that takes JSON with a `text`, as Slack's."
    )
    email_to: str | None = Field(default=None, description="Addresses, separated by commas.")
    email_from: str | None = Field(default=None, description="The address it comes from.")
    smtp_url: str | None = Field(
        default=None,
        repr=False,
        description="The mail server: smtp://user:password@host:587, or smtps://.",
    )
    quiet: str = Field(
        default="24 hours", description="For so long a cause that was told is not told again."
    )
    healed: str = Field(
        default="yes",
        description="no: it is not told when what has failed has succeeded.",
    )
    ui_url: str | None = Field(
        default=None, description="Where Dagster's UI is, for links: https://dagster.example.com"
    )

    def targets(self) -> Mapping[str, Target]:
        """Return where alerts go, by what to call it.

        Raises:
            ConfigurationError: A setting is missing or wrong.
        """
        found: dict[str, Target] = {}
        if self.webhook:
            found["webhook"] = Webhook(self.webhook)
        if self.email_to:
            if not (self.email_from and self.smtp_url):
                raise ConfigurationError(
                    "E-mail needs ASP_ALERT_EMAIL_FROM and ASP_ALERT_SMTP_URL beside"
                    " ASP_ALERT_EMAIL_TO: set them."
                )
            to = tuple(each.strip() for each in self.email_to.split(",") if each.strip())
            found["e-mail"] = Mail(self.smtp_url, self.email_from, to)
        return found

    def tells_healed(self) -> bool:
        """Tell whether it is told when what has failed has succeeded.

        Raises:
            ConfigurationError: It is neither yes nor no.
        """
        if self.healed.strip().lower() not in {"yes", "no"}:
            raise ConfigurationError("ASP_ALERT_HEALED is neither yes nor no; write one of them.")
        return self.healed.strip().lower() == "yes"

    def quiet_time(self) -> timedelta:
        """Return for how long a cause is not told again.

        Raises:
            ConfigurationError: It is no length of time.
        """
        try:
            return duration(self.quiet)
        except ValueError as error:
            raise ConfigurationError(f"ASP_ALERT_QUIET: {error}.") from None
