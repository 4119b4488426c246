"""How what an asset holds is kept, and how it reaches the next asset.

Here belong: raw files, kept whole or not at all, and what they are called; and tables, handed to a
user's own assets. Writing files safely is the raw store's work, asking Amazon the extraction's,
loading tables the warehouse's.

https://docs.dagster.io/guides/build/io-managers/defining-a-custom-io-manager
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import dagster as dg
from pydantic import Field, PrivateAttr

from asp_dagster import landing, warehouse
from asp_dagster.catalog.feeds import Feed
from asp_dagster.failures import clear_failures
from asp_dagster.incremental import Progress
from asp_dagster.landing import DataWindow, RawFileMissingError
from asp_dagster.logs import shown_in_run
from asp_dagster.metadata import ACCOUNT, SCHEMA, LandedFile, landing_metadata
from asp_dagster.warehouse.accounts import rows_of
from asp_dagster.warehouse.sql import literal

if TYPE_CHECKING:  # only who lands, or asks for a DataFrame, pays for loading them
    import pandas as pd

    from asp_dagster.landing import Extraction, FileToLand, RawStore


@dataclass(frozen=True)
class RawOutput:
    """What an extraction asset returns: work that is done as its files are written.

    Attributes:
        feed: The feed, for what its files are called.
        extraction: What writes them.
        windows: The windows to ask for, by partition or by name; none for a snapshot.
        progress: Of an incremental feed, how far it has come.
        told: What was known before anything was asked for, shown after what has landed.
    """

    feed: Feed
    extraction: "Extraction"
    windows: Mapping[str, DataWindow | None]
    progress: Progress | None = None
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RawPartitions:
    """What a table asset receives: the way to its partitions' files."""

    store: "RawStore"
    folder: str

    @property
    def key(self) -> dg.AssetKey:
        """The raw asset."""
        return dg.AssetKey(self.folder.split("/"))

    def partitions(self) -> list[str]:
        """List what has landed, in order.

        Raises:
            RawFileMissingError: When nothing has.
        """
        names = self.store.names(f"{self.folder}/")
        stems = {name.removeprefix(f"{self.folder}/").partition("/")[0] for name in names}
        if not stems:
            raise self._missing(self.folder, "it")
        return sorted(stem.removesuffix(".gz").removesuffix(".jsonl") for stem in stems)

    @contextmanager
    def files(self, partition_key: str, part: str | None = None) -> Iterator[list[Path]]:
        """Lend a partition's files as local paths, for as long as the block runs.

        Args:
            partition_key: The partition.
            part: Of a file beside the partition's own; where it is there, it alone is lent.

        Raises:
            RawFileMissingError: When the partition has not landed.
        """
        stem = f"{self.folder}/{partition_key}"
        own = self.store.names(f"{stem}.{part}.") if part else ()
        names = [*own] or [*self.store.names(f"{stem}."), *self.store.names(f"{stem}/")]
        if not names:
            raise self._missing(stem, f"{self.folder} for {partition_key}")
        with ExitStack() as stack:
            yield [stack.enter_context(self.store.local(name)) for name in names]

    def _missing(self, stem: str, what: str) -> RawFileMissingError:
        return RawFileMissingError(
            f"There is no raw file {self.store.location(stem)}. Materialize {what} first."
        )


class RawFileIOManager(dg.ConfigurableIOManager):
    """One raw file a partition: `<base path>/<asset>/<partition>.<format>`.

    A feed with a document for each marketplace keeps them in a folder named by the partition; a
    feed that names its output keeps it under that name. A file takes its place only when it is
    complete; materializing a partition again replaces it.
    """

    base_path: str = Field(description="A folder, or s3://bucket/prefix.")
    # An S3Resource: to name its class would load boto3 with every code location.
    s3: dg.ResourceDependency[Any] = Field(
        default=cast("Any", None),
        repr=False,
        description="The S3Resource that S3 is reached by; by default boto3's own settings.",
    )
    encryption: str | None = Field(
        default=None,
        description="Encryption of the objects on S3: AES256 or aws:kms; by default the bucket's.",
    )
    kms_key_id: str | None = Field(
        default=None, description="Id, ARN or alias of the KMS key, for aws:kms."
    )

    _store: "RawStore | None" = PrivateAttr(default=None)

    def get_store(self) -> "RawStore":
        """Hand out the store, the same one throughout a run.

        Raises:
            SettingError: When a setting cannot be meant; nothing has been sent by then.
        """
        if self._store is None:
            encryption = landing.Encryption(self.encryption, self.kms_key_id)
            self._store = landing.open_store(
                self.base_path, s3_client=self._s3_client, encryption=encryption
            )
        return self._store

    def handle_output(self, context: dg.OutputContext, obj: RawOutput) -> None:
        """Let the extraction write each partition's files, and report what landed."""
        folder = "/".join(context.asset_key.path)
        client = obj.extraction.client
        before = client.statistics.snapshot()
        with clear_failures(), shown_in_run(context.log), client.statistics.pace() as pace:
            landed = list(self._land(folder, obj))
            cursor = _cursor(context, obj)
        used = client.statistics.snapshot() - before
        metadata = landing_metadata(landed, obj.windows, used, pace)
        context.add_output_metadata(
            {**metadata, **_completeness(context, obj), **cursor, **obj.told}
        )

    def load_input(self, context: dg.InputContext) -> RawPartitions:
        """Hand on the way to the raw files."""
        with clear_failures():
            return RawPartitions(self.get_store(), "/".join(context.asset_key.path))

    def _s3_client(self) -> Any:
        from dagster_aws.s3 import S3Resource  # noqa: PLC0415 - only who keeps files on S3 pays

        return (self.s3 or S3Resource()).get_client()

    def _land(self, folder: str, output: RawOutput) -> Iterator[LandedFile]:
        store, files = self.get_store(), []
        for key, window in output.windows.items():
            for file in output.extraction.files(window):
                name = _file_name(folder, output.feed, key, window, file)
                files.append(file.at(landing.Place(store, name)))
                yield land_file(store, name, files[-1])
                if output.feed.backfill and file.extension is None:
                    landing.empty_parts(store, f"{folder}/{key}")
        for file in files:
            file.over()


def _completeness(context: dg.OutputContext, output: RawOutput) -> Mapping[str, bool]:
    """Tell whether the partitions could be asked for to their end."""
    if not context.has_asset_partitions:
        return {}
    cut = cast("dg.TimeWindowPartitionsDefinition", context.asset_partitions_def)
    ends = {key: cut.time_window_for_partition_key(key).end for key in output.windows}
    is_over = all(window and window.end == ends[key] for key, window in output.windows.items())
    return {"window_is_over": is_over}


def _cursor(context: dg.OutputContext, output: RawOutput) -> Mapping[str, dg.MetadataValue]:
    """Tell where an incremental feed's cursor stands; without tables, landing is what moves it."""
    progress = output.progress
    if progress is None:
        return {}
    for window in () if output.feed.tables else filter(None, output.windows.values()):
        if not progress.move_on(window) and progress.position < window.end:
            context.log.warning(progress.stays)
    return {"cursor": dg.MetadataValue.timestamp(progress.position)}


def _file_name(
    folder: str, feed: Feed, partition_key: str, window: DataWindow | None, file: "FileToLand"
) -> str:
    if feed.output:
        return landing.output_name(
            feed.output,
            partition=partition_key,
            window=window,
            account=feed.account.name,
            marketplace_id=file.name,
            extension=feed.extension,
        )
    stem = f"{partition_key}/{file.name}" if file.name else partition_key
    return f"{folder}/{stem}{file.extension or feed.extension}"


def land_file(store: "RawStore", name: str, file: "FileToLand") -> LandedFile:
    """Let a file be written, and put it in its place once it is whole."""
    with store.writing(name) as sink:
        landed = file.write(sink)
        sink.flush()
        size = sink.seek(0, 2)
    if landed.charset:
        landing.note_charset(store, name, landed.charset, size)
    file.landed(landed)
    return LandedFile(store.location(name), size, landed)


class TableIOManager(dg.ConfigurableIOManager):
    """Hands a table's rows to a user's own asset, as a pandas DataFrame.

    An asset with the same partitions receives the rows that its partition brought; one without
    receives the whole table, of its account. Tables are written by the step that loads them.
    """

    url: str = Field(repr=False, description="The warehouse, as in WarehouseResource.")
    schema_name: str = Field(default="amazon", description="The schema of the tables.")

    def handle_output(self, context: dg.OutputContext, obj: object) -> None:
        """Refuse: a table is loaded, not returned.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError(f"{context.asset_key.to_user_string()} is loaded from raw files.")

    def load_input(self, context: dg.InputContext) -> "pd.DataFrame":
        """Read the table's rows."""
        upstream = context.upstream_output
        declared = upstream.definition_metadata if upstream else {}
        schema = str(declared.get(SCHEMA, self.schema_name))
        table = rows_of(schema, context.asset_key.path[-1], declared.get(ACCOUNT))
        sql = f"SELECT * FROM {table} AS t"  # noqa: S608 - names are checked by `identifier`
        if context.has_asset_partitions:
            keys = ", ".join(literal(key) for key in context.asset_partition_keys)
            sql += f" WHERE _partition IN ({keys})"
        with clear_failures():
            rows: pd.DataFrame = warehouse.Warehouse.from_url(self.url).query(sql).to_pandas()
        return rows
