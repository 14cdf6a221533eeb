"""The course's data: bundled with it, or fetched once and checked.

``airline()`` reads a file that comes with the course. The larger sets of the full mode are
fetched from their official addresses into a cache (``fetch``), and nothing is read from a file
whose checksum is wrong.
"""

from unrolled.data.bundled import Series, airline
from unrolled.data.datasets import DATASETS, Digits, mnist, pan_tadeusz, tiny_shakespeare
from unrolled.data.download import (
    ChecksumError,
    DataError,
    DataFile,
    Dataset,
    OfflineError,
    cache_directory,
    fetch,
)
from unrolled.data.scale import scale

__all__ = [
    "DATASETS",
    "ChecksumError",
    "DataError",
    "DataFile",
    "Dataset",
    "Digits",
    "OfflineError",
    "Series",
    "airline",
    "cache_directory",
    "fetch",
    "mnist",
    "pan_tadeusz",
    "scale",
    "tiny_shakespeare",
]
