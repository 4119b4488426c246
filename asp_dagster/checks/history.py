"""What earlier runs recorded of an asset's partitions.

Here belongs reading materializations back. What they hold is said in `asp_dagster.metadata`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import dagster as dg

# A partition may have been materialized several times; the last is among these.
_LOOKED_BACK = 5


@dataclass(frozen=True)
class History:
    """The materializations of an instance."""

    instance: dg.DagsterInstance

    def numbers(
        self, key: dg.AssetKey, partitions: Collection[str], name: str
    ) -> Mapping[str, float]:
        """Return a number that the last materialization of each partition recorded, if it did.

        Args:
            key: The asset.
            partitions: The partition keys.
            name: The number's name among the metadata.
        """
        wanted = dg.AssetRecordsFilter(asset_key=key, asset_partitions=list(partitions))
        found: dict[str, float] = {}
        most = _LOOKED_BACK * len(partitions)
        for record in self.instance.fetch_materializations(wanted, limit=most).records:
            materialization = record.asset_materialization
            recorded = materialization.metadata.get(name) if materialization else None
            if record.partition_key and recorded and isinstance(recorded.value, int | float):
                found.setdefault(record.partition_key, recorded.value)
        return found
