"""What a declaration becomes in a test: its definitions, and a code location around them.

Here belongs loading by hand, without a folder of YAML.
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from asp_dagster.settings import build_resources


def definitions_of(component: type[dg.Component], attributes: Mapping[str, Any]) -> dg.Definitions:
    """Return what a component makes of a declaration."""
    declared = component.from_attributes_dict(attributes=dict(attributes))
    return declared.build_defs(dg.ComponentTree.for_test().load_context)


def code_location(*parts: dg.Definitions) -> dg.Definitions:
    """Return parts with our resources, all settings from the environment; runs are in process."""
    own = dg.Definitions(resources=build_resources(), executor=dg.in_process_executor)
    return dg.Definitions.merge(*parts, own)
