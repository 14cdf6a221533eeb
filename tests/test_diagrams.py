"""Diagrams: up to date, the same on every run, readable, in both languages."""

from __future__ import annotations

import io
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image

from unrolled import diagrams, palette
from unrolled.diagrams import Canvas
from unrolled.diagrams.__main__ import main
from unrolled.diagrams.canvas import REGISTRY, WIDTH, diagram
from unrolled.messages import LANGUAGES

GATES = [
    "valve-1",
    "valve-2",
    "valve-3",
    "hadamard",
    "product-shapes",
    "selective-write",
    "soft-gate",
    "sigmoid-tanh",
    "gate-network",
    "if-else",
    "gates-preview",
]

EVERY = [(name, lang) for name in diagrams.names() for lang in LANGUAGES]


class Label(NamedTuple):
    """Lettering on a diagram: what it says, its size in points, where it lies."""

    text: str
    size: float
    box: Bbox


class Sheet(NamedTuple):
    """A diagram that was drawn: its width and height, its lettering, its file's text."""

    width: float
    height: float
    labels: list[Label]
    svg: str


@cache
def sheet(name: str, language: str) -> Sheet:
    """Draw a diagram: once for all that is asked of it."""
    canvas = diagrams.draw(name, language)  # type: ignore[arg-type]
    canvas.figure.draw_without_rendering()
    labels = [
        Label(text.get_text(), text.get_fontsize(), text.get_window_extent())
        for text in canvas.figure.findobj(Text)
        if text.get_visible() and text.get_text()
    ]
    return Sheet(canvas.width, canvas.height, labels, canvas.svg())


def texts(name: str, language: str) -> list[str]:
    return [label.text for label in sheet(name, language).labels]


def test_the_gates_lecture_has_its_diagrams() -> None:
    assert set(GATES) <= set(diagrams.names())


def test_every_file_has_its_diagram_and_every_diagram_its_file() -> None:
    assert set(diagrams.FOLDER.glob("*/*.svg")) == set(diagrams.paths())


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_a_diagram_is_small_and_the_same_as_its_file(name: str, language: str) -> None:
    first = sheet(name, language).svg
    [path] = [path for path, what in diagrams.paths().items() if what == (name, language)]
    # The file was written in another run: an equal drawing is up to date, and reproducible.
    assert first == path.read_text(encoding="utf-8"), "make diagrams"
    assert len(first.encode()) < 45_000  # a deck holds a dozen and stays under a megabyte
    assert "<text" not in first  # lettering is outlines: no font is needed
    assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", first)


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_lettering_is_large_inside_the_sheet_and_does_not_overlap(name: str, language: str) -> None:
    width, height, labels, _ = sheet(name, language)
    for i, (text, size, a) in enumerate(labels):
        assert size * 96 / 72 >= 20, text
        assert 0 <= a.x0 < a.x1 <= width, text
        assert -2 <= a.y0 < a.y1 <= height + 2, text
        for other, _, b in labels[:i]:
            wide = min(a.x1, b.x1) - max(a.x0, b.x0)
            high = min(a.y1, b.y1) - max(a.y0, b.y0)
            assert wide < 2 or high < 8, f"{text!r} overlaps {other!r}"


@pytest.mark.parametrize("name", diagrams.names())
def test_both_languages_have_the_same_formulas(name: str) -> None:
    def formulas(language: str) -> list[str]:
        found = [f for text in texts(name, language) for f in re.findall(r"\$[^$]*\$", text)]
        return sorted(found)

    assert formulas("pl") == formulas("en")


@pytest.mark.parametrize("name", diagrams.names())
def test_both_languages_have_the_same_numbers(name: str) -> None:
    def numbers(language: str) -> list[str]:
        found = [n for text in texts(name, language) for n in re.findall(r"−?\d[\d.,]*", text)]
        return sorted(n.rstrip(".,").replace(",", ".") for n in found)

    assert numbers("pl") == numbers("en")


@pytest.mark.parametrize("name", diagrams.names())
def test_polish_is_not_english(name: str) -> None:
    def words(language: str) -> set[str]:
        prose = [re.sub(r"\$[^$]*\$", " ", text) for text in texts(name, language)]
        return {text.strip() for text in prose if re.search(r"[^\W\d_]{2,}", text)}

    code = {"s = x if g else s", "batch", "time"}  # names in code stay English
    terms = {"ReLU", "PyTorch, Keras", "max", "max 2×2", "one-hot", "skip-gram"}  # and so do these
    quotes = REGISTRY[name].quotes
    same = words("pl") & words("en")
    assert not same - code - terms - quotes
    assert quotes <= same, "a quotation that is none"


def test_the_numbers_of_the_lecture() -> None:
    assert {"−5", "−2", "0", "−3"} <= set(texts("product-shapes", "en"))
    soft = texts("soft-gate", "pl")
    for value in ("1,5310", "6,9998", "5,7777", "4,0000", "−5,2159"):
        assert value in soft
    for opening in ("0,08", "1,00", "0,23", "0,00", "0,79"):
        assert opening in soft
    written = texts("selective-write", "en")
    for value in ("1", "7", "3", "4", "−8"):
        assert value in written


def test_numbers_are_written_as_the_language_does() -> None:
    assert Canvas("pl").number(-2.5, 1) == "−2,5"
    assert Canvas("en").number(-2.5, 1) == "−2.5"
    assert Canvas("en").number(-0.0) == "0"


def test_a_symbol_is_centred_on_its_point() -> None:
    canvas = Canvas("en", width=200, height=100)
    canvas.symbol(100, 50, "$g$", size=60)
    pixels = np.asarray(Image.open(io.BytesIO(canvas.png())).convert("L")) < 128
    rows, columns = np.nonzero(pixels)
    assert abs((columns.min() + columns.max() + 1) / 2 - 100) <= 1.5
    assert abs((rows.min() + rows.max() + 1) / 2 - 50) <= 1.5


def test_an_arrow_ends_where_it_points() -> None:
    canvas = Canvas("en", width=200, height=100)
    canvas.arrow((20, 50), (150, 50), colour="#000000", width=4)
    pixels = np.asarray(Image.open(io.BytesIO(canvas.png())).convert("L")) < 200
    assert abs(np.nonzero(pixels)[1].max() + 1 - 150) <= 2


def test_a_name_is_taken_once() -> None:
    with pytest.raises(ValueError, match="two diagrams named 'valve-1'"):
        diagram("valve-1")(lambda canvas: None)


def test_an_unknown_diagram(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyError, match=r"no diagram 'nothing': there are .*valve-1"):
        diagrams.draw("nothing", "pl")
    with pytest.raises(SystemExit):
        main(["nothing"])
    assert "no diagram nothing" in capsys.readouterr().err


def test_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    only = {"valve-1": REGISTRY["valve-1"]}
    monkeypatch.setattr(diagrams, "names", lambda: list(only))
    written = diagrams.write(tmp_path)
    assert {path.relative_to(tmp_path).as_posix() for path in written} == {
        "pl/valve-1.svg",
        "en/valve-1.svg",
    }
    assert diagrams.write(tmp_path) == []  # nothing changed, nothing written
    assert diagrams.stale(tmp_path) == []
    (tmp_path / "pl" / "valve-1.svg").write_text("<svg/>")
    (tmp_path / "en" / "valve-1.svg").unlink()
    (tmp_path / "en" / "old.svg").write_text("<svg/>")
    problems = diagrams.stale(tmp_path)
    assert [problem.split(": ")[1] for problem in problems] == [
        "out of date",
        "missing",
        "no diagram of this name",
    ]


def test_check_fails_and_lists_stale_files(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("unrolled.diagrams.__main__.stale", lambda: ["img/pl/x.svg: out of date"])
    assert main(["--check"]) == 1
    assert "img/pl/x.svg: out of date" in capsys.readouterr().out
    monkeypatch.setattr("unrolled.diagrams.__main__.stale", lambda: [])
    assert main(["--check"]) == 0


def test_a_sheet_is_as_wide_as_a_slides_text_and_white() -> None:
    canvas = Canvas("pl")
    assert canvas.width == WIDTH == 1160
    assert palette.PAPER.lower() in canvas.svg()
