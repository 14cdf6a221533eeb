"""The data sets of the full mode: one entry each, and readers of the raw files."""

from __future__ import annotations

import gzip
import struct
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from unrolled.data.download import DataError, DataFile, Dataset, fetch


def _mnist(name: str, sha256: str) -> DataFile:
    return DataFile(
        path=f"mnist/{name}",
        urls=(
            f"https://ossci-datasets.s3.amazonaws.com/mnist/{name}",
            f"https://storage.googleapis.com/cvdf-datasets/mnist/{name}",
        ),
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


def _check_tatoeba(path: Path) -> None:
    """Check that an archive holds many pairs of sentences.

    Raises:
        ValueError: it does not.
    """
    try:
        pairs = _tatoeba_pairs(path)
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError) as error:
        raise ValueError(f"not an archive with pol.txt: {error}") from error
    if len(pairs) < 30_000:
        raise ValueError(f"only {len(pairs)} pairs, expected at least 30,000")


def _tatoeba_pairs(path: Path) -> list[tuple[str, str]]:
    """Return the pairs (Polish, English) of an archive; its lines hold English, Polish, credits."""
    with zipfile.ZipFile(path) as archive:
        lines = archive.read("pol.txt").decode("utf-8").splitlines()
    fields = [line.split("\t") for line in lines]
    return [(row[1], row[0]) for row in fields if len(row) >= 2]


DATASETS: dict[str, Dataset] = {
    "mnist": Dataset(
        title="MNIST handwritten digits",
        files={
            "train_images": _mnist(
                "train-images-idx3-ubyte.gz",
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            ),
            "train_labels": _mnist(
                "train-labels-idx1-ubyte.gz",
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            ),
            "test_images": _mnist(
                "t10k-images-idx3-ubyte.gz",
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            ),
            "test_labels": _mnist(
                "t10k-labels-idx1-ubyte.gz",
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
}


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
