"""The data sets of the full mode: one entry each, and readers of the raw files."""

from __future__ import annotations

import csv
import gzip
import io
import json
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np

from unrolled.data.download import DataError, DataFile, Dataset, fetch_file


def _mnist(name: str, size: int, sha256: str) -> DataFile:
    return DataFile(
        path=f"mnist/{name}",
        urls=(
            f"https://ossci-datasets.s3.amazonaws.com/mnist/{name}",
            f"https://storage.googleapis.com/cvdf-datasets/mnist/{name}",
        ),
        size=size,
        sha256=sha256,
    )


def _pan_tadeusz_body(raw: bytes) -> bytes:
    """Return the poem's own text: without title and ISBN before it, without the footer after it.

    Raises:
        ValueError: the text does not begin or end as it should.
    """
    start = raw.find("Księga pierwsza".encode())
    end = raw.find(b"\n\n\n\n-----\n", max(start, 0))
    if start < 0 or end < 0:
        raise ValueError("the text has no 'Księga pierwsza' or no footer after a line '-----'")
    return raw[start:end]


_IMDB_NAMES = {f"{part}/{kind}" for part in ("train", "test") for kind in ("pos", "neg")}


def _imdb_reviews(path: Path) -> dict[str, list[str]]:
    """Return the labelled reviews of the archive, by ``train/pos`` and so on, in numeric order.

    Raises:
        ValueError: the file is no such archive.
    """
    found: dict[str, list[tuple[int, str]]] = {name: [] for name in sorted(_IMDB_NAMES)}
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                parts = PurePosixPath(member.name).parts
                name, number = "/".join(parts[-3:-1]), parts[-1].partition("_")[0]
                if name in found and member.name.endswith(".txt") and number.isdigit():
                    file = archive.extractfile(member)
                    if file is not None:
                        found[name].append((int(number), file.read().decode("utf-8")))
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"not an archive of reviews, or not all of it: {error}") from error
    return {name: [text for _, text in sorted(texts)] for name, texts in found.items()}


def _imdb_check(path: Path) -> None:
    """Refuse an archive that does not hold 12,500 reviews of each of the four kinds."""
    for name, texts in _imdb_reviews(path).items():
        if len(texts) != 12_500:
            raise ValueError(f"{len(texts)} reviews in {name}, expected 12500")


def _check_tatoeba(path: Path) -> None:
    """Check that an archive holds many pairs of sentences.

    Raises:
        ValueError: it does not.
    """
    try:
        pairs = _tatoeba_pairs(path)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, UnicodeDecodeError) as error:
        raise ValueError(f"not an archive with pol.txt, or not all of it: {error}") from error
    if len(pairs) < 30_000:
        raise ValueError(f"only {len(pairs)} pairs, expected at least 30,000")


def _tatoeba_pairs(path: Path) -> list[tuple[str, str]]:
    """Return the pairs (Polish, English) of an archive; its lines hold English, Polish, credits."""
    with zipfile.ZipFile(path) as archive:
        lines = archive.read("pol.txt").decode("utf-8").splitlines()
    fields = [line.split("\t") for line in lines]
    return [(row[1], row[0]) for row in fields if len(row) >= 2]


#: The columns of the weather in Jena that the course uses, of the file's fourteen.
_JENA_COLUMNS = ("T (degC)", "p (mbar)", "rh (%)", "VPmax (mbar)", "wv (m/s)", "Tdew (degC)")
_JENA_HOURS = 70_000  # at least


def _jena_csv(text: str) -> tuple[np.ndarray, np.ndarray]:
    """Return hours and values of the weather in Jena from its CSV of a row every ten minutes.

    Some rows stand in the file twice, one after another or a block later; each counts once. A wind
    speed of -9999 is a gap of the instrument and becomes 0, as in TensorFlow's own tutorial.

    Raises:
        ValueError: a column is missing, or a row is no row of numbers.
    """
    rows = csv.reader(io.StringIO(text))
    head = next(rows, [])
    missing = {"Date Time", *_JENA_COLUMNS} - set(head)
    if missing:
        raise ValueError(f"no column {', '.join(sorted(missing))}")
    when, places = head.index("Date Time"), [head.index(name) for name in _JENA_COLUMNS]
    times, values = [], []
    for row in rows:
        if len(row) != len(head):
            raise ValueError(f"a row has {len(row)} fields, not {len(head)}")
        day, month, year = row[when][:10].split(".")
        times.append(f"{year}-{month}-{day}T{row[when][11:]}")
        values.append([float(row[place]) for place in places])
    time, first = np.unique(np.array(times, dtype="datetime64[s]"), return_index=True)
    table = np.array(values).reshape(-1, len(places))[first]
    wind = table[:, _JENA_COLUMNS.index("wv (m/s)")]
    wind[wind < 0] = 0
    return time[::6], table[::6]


def _jena_hours(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return hours and values of the weather in Jena from the archive, or from a copy by hours.

    Raises:
        ValueError: the file holds something else.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if "dates.npy" in archive.namelist():
                with np.load(path) as copy:
                    if tuple(copy["cols"]) != _JENA_COLUMNS:
                        raise ValueError(f"the columns are {', '.join(copy['cols'])}")
                    return copy["dates"].astype("datetime64[s]"), copy["X"]
            return _jena_csv(archive.read("jena_climate_2009_2016.csv").decode("utf-8"))
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, UnicodeDecodeError) as error:
        text = "not an archive with jena_climate_2009_2016.csv, or not all of it"
        raise ValueError(f"{text}: {error}") from error


def _check_jena(path: Path) -> None:
    """Refuse an archive without eight years of weather."""
    hours, values = _jena_hours(path)
    if len(hours) < _JENA_HOURS or not np.isfinite(values).all():
        raise ValueError(f"{len(hours)} hours, expected at least {_JENA_HOURS}, without gaps")


DATASETS: dict[str, Dataset] = {
    "imdb": Dataset(
        title="IMDB: 50,000 film reviews with labels",
        files={
            "archive": DataFile(
                path="imdb/aclImdb_v1.tar.gz",
                urls=("https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",),
                # As TensorFlow Datasets records them (datasets/imdb_reviews/checksums.tsv).
                sha256="c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
                size=84_125_825,
                check=_imdb_check,
                also=("imdb/aclImdb_rebuilt.tar.gz",),  # the same files, packed again
            ),
        },
        licence="none stated: do not redistribute",
        source="A. L. Maas and others, Learning Word Vectors for Sentiment Analysis, ACL 2011",
    ),
    "imdb-word-index": Dataset(
        title="Keras' word index of IMDB",
        files={
            "index": DataFile(
                path="imdb/imdb_word_index.json",
                urls=(
                    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
                    "imdb_word_index.json",
                ),
                sha256="027313fe9a320280f3bf0fac5baf58c4a683cf39a7ed9c3d3d3912bde4284cf6",
                size=1_641_221,
            ),
        },
        licence="none stated: do not redistribute",
        source="Keras, keras.datasets.imdb",
    ),
    "jena": Dataset(
        title="The weather in Jena, 2009–2016, every ten minutes",
        files={
            "archive": DataFile(
                path="jena/jena_climate_2009_2016.csv.zip",
                urls=(
                    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
                    "jena_climate_2009_2016.csv.zip",
                ),
                sha256=None,  # no SHA-256 is published
                check=_check_jena,
                also=("jena/jena_hourly.npz",),  # every sixth row, the six columns of the course
            ),
        },
        licence="none stated: credit the Max Planck Institute for Biogeochemistry, Jena",
        source="Max Planck Institute for Biogeochemistry, Jena, www.bgc-jena.mpg.de/wetter",
    ),
    "mnist": Dataset(
        title="MNIST handwritten digits",
        files={
            "train_images": _mnist(
                "train-images-idx3-ubyte.gz",
                9_912_422,
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            ),
            "train_labels": _mnist(
                "train-labels-idx1-ubyte.gz",
                28_881,
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            ),
            "test_images": _mnist(
                "t10k-images-idx3-ubyte.gz",
                1_648_877,
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            ),
            "test_labels": _mnist(
                "t10k-labels-idx1-ubyte.gz",
                4_542,
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            ),
        },
        licence="CC BY-SA 3.0",
        source="Y. LeCun, C. Cortes, C. J. C. Burges, The MNIST database of handwritten digits",
    ),
    "tiny-shakespeare": Dataset(
        title="tiny-shakespeare: 40,000 lines of Shakespeare's plays",
        files={
            "text": DataFile(
                path="text/tinyshakespeare.txt",
                urls=(
                    "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/"
                    "tinyshakespeare/input.txt",
                ),
                sha256="86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
                size=1_115_394,
            )
        },
        licence="public domain text",
        source="A. Karpathy, char-rnn, 2015",
    ),
    "pan-tadeusz": Dataset(
        title="Adam Mickiewicz, Pan Tadeusz",
        files={
            "text": DataFile(
                path="text/pan-tadeusz_wolnelektury.txt",
                urls=("https://wolnelektury.pl/media/book/txt/pan-tadeusz.txt",),
                sha256="1bf4a33f08ebad64e23b3ed804e5123164ecab16d014ddfcc5231fae6296df52",
                part=_pan_tadeusz_body,
            )
        },
        licence="public domain text",
        source="Wolne Lektury, wolnelektury.pl; the text of the edition Paris 1860",
    ),
    "tatoeba": Dataset(
        title="Tatoeba: English sentences and their Polish translations",
        files={
            "pairs": DataFile(
                path="tatoeba/pol-eng.zip",
                urls=("https://www.manythings.org/anki/pol-eng.zip",),
                sha256=None,  # the file grows
                check=_check_tatoeba,
                headers={"User-Agent": "unrolled"},
            )
        },
        licence="CC BY 2.0 FR",
        source="Tatoeba, tatoeba.org; pairs collected by manythings.org/anki",
    ),
    "word-similarity": Dataset(
        title="WordSim-353 and SimLex-999: how alike people find two words",
        files={
            name: DataFile(
                path=f"word-vectors/{file}",
                urls=(
                    "https://raw.githubusercontent.com/mfaruqui/eval-word-vectors/master/data/"
                    f"word-sim/{file}",
                ),
                sha256=sha256,
                size=size,
            )
            for name, file, size, sha256 in (
                (
                    "wordsim",
                    "EN-WS-353-ALL.txt",
                    7_405,
                    "ce12919b240af45bdf46d243601eaca2b6212b159b5e7e9b435ee7ee40c5619c",
                ),
                (
                    "simlex",
                    "EN-SIMLEX-999.txt",
                    18_024,
                    "405394ffb7d25f6d0e3c041f87c9f27d29dc6b047506769953e85c4523b11685",
                ),
            )
        },
        licence="WordSim-353: CC BY 4.0; SimLex-999: none stated, cite Hill and others, 2015",
        source="L. Finkelstein and others, 2002; F. Hill, R. Reichart, A. Korhonen, 2015",
    ),
    "analogies-en": Dataset(
        title="19,544 English analogies",
        files={
            "questions": DataFile(
                path="word-vectors/questions-words.txt",
                urls=(
                    "https://raw.githubusercontent.com/tmikolov/word2vec/master/"
                    "questions-words.txt",
                ),
                sha256="8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36",
                size=603_955,
            )
        },
        licence="Apache-2.0",
        source="T. Mikolov and others, word2vec, 2013",
    ),
    "analogies-pl": Dataset(
        title="24,570 Polish analogies",
        files={
            "questions": DataFile(
                path="word-vectors/questions-words-pl.txt",
                urls=(
                    "https://dl.fbaipublicfiles.com/fasttext/word-analogies/questions-words-pl.txt",
                ),
                sha256="5e095424601dc05f68d0b99814213851ec22f7dc69fc67e973e43b69bacf216a",
                size=825_869,
            )
        },
        licence="CC BY-SA 3.0",
        source="E. Grave and others, Learning Word Vectors for 157 Languages, 2018",
    ),
}


def fetch(name: str, *, progress: bool = True) -> dict[str, Path]:
    """Return the files of a data set, fetching those that are not in the cache.

    Args:
        name: a key of :data:`DATASETS`.
        progress: whether to show a progress bar while a file is fetched.

    Returns:
        Paths of checked files, by the short names of the entry.

    Raises:
        KeyError: there is no such data set.
        DataError: a file cannot be had (see :func:`unrolled.data.download.fetch_file`).
    """
    if name not in DATASETS:
        raise KeyError(f"no data set {name!r}: there are {', '.join(sorted(DATASETS))}")
    files = DATASETS[name].files.items()
    return {key: fetch_file(file, progress=progress) for key, file in files}


class Digits(NamedTuple):
    """Handwritten digits.

    Attributes:
        train_images: grey levels 0–255, uint8, shape (60000, 28, 28).
        train_labels: digits, uint8, shape (60000,).
        test_images: grey levels 0–255, uint8, shape (10000, 28, 28).
        test_labels: digits, uint8, shape (10000,).
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


def mnist() -> Digits:
    """Return MNIST, fetching it on first use.

    Raises:
        DataError: the files cannot be had (see :func:`unrolled.data.fetch`).
    """
    files = fetch("mnist")
    return Digits(**{name: _idx(path) for name, path in files.items()})


class Opinions(NamedTuple):
    """Film reviews with labels: 1 for a favourable one, 0 for an unfavourable one.

    Attributes:
        train: 25,000 texts, the favourable half first.
        train_labels: uint8, shape (25000,).
        test: 25,000 texts, the favourable half first.
        test_labels: uint8, shape (25000,).
    """

    train: list[str]
    train_labels: np.ndarray
    test: list[str]
    test_labels: np.ndarray


def imdb() -> Opinions:
    """Return the labelled IMDB reviews, fetching them on first use.

    Raises:
        DataError: the file cannot be had (see :func:`unrolled.data.fetch`).
    """
    found = _imdb_reviews(fetch("imdb")["archive"])
    labels = np.repeat(np.array([1, 0], dtype=np.uint8), 12_500)
    train, test = (found[f"{part}/pos"] + found[f"{part}/neg"] for part in ("train", "test"))
    return Opinions(train, labels, test, labels.copy())


def imdb_word_index() -> dict[str, int]:
    """Return Keras' rank of each word of IMDB, from 1, fetching the file on first use.

    Raises:
        DataError: the file cannot be had (see :func:`unrolled.data.fetch`).
    """
    text = fetch("imdb-word-index")["index"].read_text(encoding="utf-8")
    ranks: dict[str, int] = json.loads(text)
    return ranks


class Weather(NamedTuple):
    """Measured weather, a row for each hour.

    Attributes:
        hours: when, datetime64[s], of shape (time,). A few hours are missing.
        values: float64, of shape (time, columns).
        columns: names of the columns with their units; the first is the temperature.
    """

    hours: np.ndarray
    values: np.ndarray
    columns: tuple[str, ...]


def jena() -> Weather:
    """Return the weather in Jena, hour by hour, 2009–2016, fetching it on first use.

    Returns:
        About 70,000 hours of the temperature, pressure, relative humidity, saturation pressure of
        vapour, wind speed and dew point.

    Raises:
        DataError: the file cannot be had (see :func:`unrolled.data.fetch`).
    """
    return Weather(*_jena_hours(fetch("jena")["archive"]), _JENA_COLUMNS)


def tiny_shakespeare() -> str:
    """Return tiny-shakespeare (1,115,394 characters), fetching it on first use.

    Raises:
        DataError: the file cannot be had (see :func:`unrolled.data.fetch`).
    """
    return fetch("tiny-shakespeare")["text"].read_text(encoding="utf-8")


def pan_tadeusz() -> str:
    """Return Pan Tadeusz without the publisher's header and footer, fetching it on first use.

    Raises:
        DataError: the file cannot be had (see :func:`unrolled.data.fetch`).
    """
    raw = fetch("pan-tadeusz")["text"].read_bytes()
    return _pan_tadeusz_body(raw).decode("utf-8")


def tatoeba() -> list[tuple[str, str]]:
    """Return Tatoeba's pairs of sentences (Polish, English), fetching them on first use.

    Raises:
        DataError: the file cannot be had (see :func:`unrolled.data.fetch`).
    """
    return _tatoeba_pairs(fetch("tatoeba")["pairs"])


def _idx(path: Path) -> np.ndarray:
    """Read a gzipped IDX file of unsigned bytes.

    The format: two zero bytes, 0x08 (unsigned byte), the number of axes, each axis' length as a
    big-endian 32-bit number, then the values (Y. LeCun, The MNIST database).

    Raises:
        DataError: the file is something else.
    """
    raw = gzip.decompress(path.read_bytes())
    zeros, kind, axes = struct.unpack(">HBB", raw[:4])
    if zeros != 0 or kind != 8:
        raise DataError(f"{path}: not an IDX file of unsigned bytes (starts with {raw[:4]!r})")
    shape = struct.unpack(f">{axes}I", raw[4 : 4 + 4 * axes])
    return np.frombuffer(raw, dtype=np.uint8, offset=4 + 4 * axes).reshape(shape)
