"""Rows out of tab-delimited text: the raw format `tsv`, in which the flat file reports come.

Amazon's flat files are not quoted: a quotation mark is an inch sign like any other character, and
a reader that thinks otherwise swallows rows. Only if every field of the header is quoted are the
fields of the lines unquoted. So the splitting is done here, line by line; DuckDB then types whole
batches. Every line must have the header's fields, and the rows that come out are counted against
the lines that went in, counted on their own.

The text is UTF-8, or else Windows-1252, or else Shift-JIS (cp932): the first of them in which the
whole file can be read without a doubt. The file may be gzip or not, whatever its name.
"""

import codecs
import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from io import TextIOWrapper
from itertools import count
from pathlib import Path

import pyarrow as pa

from asp_dagster.catalog.tables import ColumnSpec, TableSpec
from asp_dagster.warehouse.columns import Column, RawRelation
from asp_dagster.warehouse.errors import RawFileError, TableSpecError
from asp_dagster.warehouse.raw_files import open_raw
