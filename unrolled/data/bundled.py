"""Data that come with the course, in the repository's folder ``data``."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from typing import NamedTuple

import numpy as np

from unrolled.data.download import DataError

FOLDER = Path(__file__).resolve().parents[2] / "data"

_AIRLINE_COLUMNS = ["year", "month", "passengers"]
_AIRLINE_MONTHS = 144
_AIRLINE_SUM = 40363
_REVIEWS_SHA256 = "c76e095d3c0cee9c5da3d1609ef7c7a98a352d781d00ce20c3672de88a448b4d"


class Series(NamedTuple):
    """A monthly series.

    Attributes:
        month: months, datetime64[M], shape (time,).
        passengers: passengers of each month in thousands, float64, shape (time,).
    """

    month: np.ndarray
    passengers: np.ndarray


class Review(NamedTuple):
    """A short review in both languages.

    Attributes:
        split: ``"train"``, ``"valid"`` or ``"test"``.
        kind: ``"plain"``; or, of a contrast pair, ``"order"`` or ``"negation"``.
        pair: the number of the contrast pair, from 1; 0 for a plain review.
        topic: ``"film"``, ``"book"``, ``"food"``, ``"place"`` or ``"shop"``.
        label: 1 for a favourable review, 0 for an unfavourable one.
        pl: the Polish text.
        en: the English text.
    """

    split: str
    kind: str
    pair: int
    topic: str
    label: int
    pl: str
    en: str


def airline() -> Series:
    """Return the international airline passengers, January 1949 to December 1960.

    Returns:
        144 months and their totals in thousands (Box & Jenkins 1970, Series G).

    Raises:
        DataError: the file is missing or is not the one that came with the course.
    """
    path = FOLDER / "airline.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
    except FileNotFoundError:
        raise _damaged(path, "the file is missing") from None
    except UnicodeDecodeError:
        raise _damaged(path, "the file is not UTF-8 text") from None
    if not rows or rows[0] != _AIRLINE_COLUMNS:
        raise _damaged(path, f"the first line is {','.join(rows[0]) if rows else 'empty'!r}")
    if len(rows) - 1 != _AIRLINE_MONTHS:
        raise _damaged(path, f"there are {len(rows) - 1} months")
    values = []
    for i, row in enumerate(rows[1:]):
        year, month = 1949 + i // 12, 1 + i % 12
        if len(row) != 3 or row[:2] != [str(year), str(month)] or not row[2].isdigit():
            raise _damaged(
                path, f"line {i + 2} is {','.join(row)!r}, not '{year},{month},<passengers>'"
            )
        values.append(int(row[2]))
    if sum(values) != _AIRLINE_SUM:
        raise _damaged(path, f"the passengers sum to {sum(values)}")
    start = np.datetime64("1949-01", "M")
    return Series(start + np.arange(_AIRLINE_MONTHS), np.array(values, dtype=np.float64))


def reviews() -> list[Review]:
    """Return the course's own short reviews, Polish and English, with their contrast pairs.

    Returns:
        The reviews in the order of the file: training set, validation set, test set.

    Raises:
        DataError: the file is missing or is not the one that came with the course.
    """
    path = FOLDER / "reviews" / "reviews.csv"
    restore = "Restore the file: git checkout -- data/reviews/reviews.csv"
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path}: the file is missing. {restore}") from None
    actual = hashlib.sha256(raw).hexdigest()
    if actual != _REVIEWS_SHA256:
        raise DataError(f"{path}: sha256 is {actual}, not {_REVIEWS_SHA256}. {restore}")
    return [
        Review(
            r["split"],
            r["kind"],
            int(r["pair"] or 0),
            r["topic"],
            int(r["label"]),
            r["pl"],
            r["en"],
        )
        for r in csv.DictReader(io.StringIO(raw.decode("utf-8")))
    ]


def course_text() -> str:
    """Return the course's own Polish prose as it stood when the snapshot was taken.

    Returns:
        The text of the lectures and labs without formulas and code, a paragraph on each line.

    Raises:
        DataError: the file is missing or is not text.
    """
    path = FOLDER / "course.txt"
    restore = "Restore the file: git checkout -- data/course.txt"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DataError(f"{path}: the file is missing. {restore}") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: the file is not UTF-8 text. {restore}") from None
    if len(text) < 10_000:
        raise DataError(f"{path}: only {len(text)} characters are left. {restore}")
    return text


def _damaged(path: Path, what: str) -> DataError:
    return DataError(
        f"{path}: {what}. Expected: the columns {','.join(_AIRLINE_COLUMNS)}, {_AIRLINE_MONTHS} "
        f"months from 1949,1,112 to 1960,12,432, {_AIRLINE_SUM} passengers in all. "
        "Restore the file: git checkout -- data/airline.csv"
    )
