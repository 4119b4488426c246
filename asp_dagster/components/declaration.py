"""What all components share: how their keys are checked, and that they cost nothing unused.

Here belongs: what is true of every component. The keys of feeds are in `declared_feeds`.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import dagster as dg
from pydantic import BaseModel, ConfigDict

from asp_dagster.key_checks import checked_model


class DeclaredComponent(dg.Component, dg.Model, dg.Resolvable):
    """A component whose wrong keys are told with those there are."""

    # Every process loads all kinds and makes few of them, so each is built when it is used.
    model_config = ConfigDict(defer_build=True)

    @classmethod
    @cache
    def model(cls) -> type[BaseModel]:
        """Return what Dagster checks a declaration with."""
        return checked_model(super().model(), cls.model_fields, cls._completed)

    @classmethod
    def _completed(cls, attributes: Mapping[str, Any]) -> Mapping[str, Any]:
        """Add what a declaration means without saying it."""
        return attributes

    @classmethod
    def get_additional_scope(cls) -> Mapping[str, Any]:
        """Build the class before Dagster goes through its attributes, which must not change."""
        cls.model_rebuild()
        return super().get_additional_scope()
