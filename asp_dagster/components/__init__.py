"""The declaration language: what stands in a `defs.yaml` becomes assets.

Here belong: one component for each kind of extraction, and its keys. How a key is read is said in
`asp_dagster.keys`, what it means where its value lives, in `catalog`.

    declaration       what all components share
    declared_feeds    the keys that all feeds have, and those of feeds with tables
    endpoint_feeds    AmazonSPApi: the records of an operation
    report_feeds      AmazonSPReport and AmazonSPReportFile: a report's rows, a report's file
    listed_report_feeds   AmazonSPListedReport: reports that are found, not asked for
    mitto_jobs        MittoJobs: Mitto's job files
    selling_partners  SellingPartners: the same feeds for several selling partners
    ready_keys        keys of what is ready, behind those that are written

https://docs.dagster.io/guides/build/components
"""

from asp_dagster.components.endpoint_feeds import AmazonSPApi
from asp_dagster.components.listed_report_feeds import AmazonSPListedReport
from asp_dagster.components.mitto_jobs import MittoJobs
from asp_dagster.components.report_feeds import AmazonSPReport, AmazonSPReportFile
from asp_dagster.components.selling_partners import SellingPartners

__all__ = [
    "AmazonSPApi",
    "AmazonSPListedReport",
    "AmazonSPReport",
    "AmazonSPReportFile",
    "MittoJobs",
    "SellingPartners",
]
