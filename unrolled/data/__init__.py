"""The course's data: bundled with it, or fetched once and checked.

``airline()``, ``course_text()`` and ``reviews()`` read files that come with the course. The larger
sets of the full mode are fetched from their official addresses into a cache (``fetch``), and
nothing is read from a file whose checksum is wrong.
"""

from unrolled.data.bundled import Review, Series, airline, course_text, reviews
from unrolled.data.datasets import (
    DATASETS,
    Digits,
    Opinions,
    Weather,
    fetch,
    imdb,
    imdb_word_index,
    jena,
    mnist,
    pan_tadeusz,
    tatoeba,
    tiny_shakespeare,
)
from unrolled.data.download import (
    ChecksumError,
    DataError,
    DataFile,
    Dataset,
    OfflineError,
    cache_directory,
)
from unrolled.data.scale import scale
from unrolled.data.word_tests import analogies, word_similarity

__all__ = [
    "DATASETS",
    "ChecksumError",
    "DataError",
    "DataFile",
    "Dataset",
    "Digits",
    "OfflineError",
    "Opinions",
    "Review",
    "Series",
    "Weather",
    "airline",
    "analogies",
    "cache_directory",
    "course_text",
    "fetch",
    "imdb",
    "imdb_word_index",
    "jena",
    "mnist",
    "pan_tadeusz",
    "reviews",
    "scale",
    "tatoeba",
    "tiny_shakespeare",
    "word_similarity",
]
