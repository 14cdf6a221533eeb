"""Exports are made once: what makes them again, what does not, and that no half file is taken."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from course import ROOT
from test_deck import lecture, save

from press.exports import export as exporting
from press.exports import site
from press.exports.export import FORMATS, LIBRARIES, keep, key, modules
from press.exports.site import Export

ALL = sorted(FORMATS)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of what makes exports, to change."""
    for part in ("press", "unrolled"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


#: What sets a notebook's cells (a notebook to hand out is only repacked), and what of it is PDF.
SET = [to for to in ALL if to != "notebook"]
PDFS = [to for to in ALL if to.endswith("-pdf")]


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    return save(lecture(), tmp_path)


@pytest.fixture
def keys(house: Path, notebook: Path) -> Callable[[], dict[str, str]]:
    """What returns the key of every format, as a new process would see it."""

    def fresh() -> dict[str, str]:
        exporting.workshop.cache_clear()
        return {to: key(notebook, to, house) for to in ALL}

    return fresh


def flip(path: Path) -> None:
    """Change one byte of a file."""
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("file", "formats"),
    [
        ("press/templates/deck.html.j2", ALL),
        ("press/templates/slides.typ", ALL),
        ("press/static/deck.css", ALL),
        ("press/static/reveal/reveal.js", ALL),
        ("press/static/katex/fonts/KaTeX_Main-Regular.woff2", ALL),
        ("unrolled/fonts/SourceSans3-Regular.ttf", ALL),
        ("lectures/pl/03_gates.ipynb", ALL),
        ("img/pl/valve.svg", ALL),
    ],
)
def test_a_changed_byte_makes_exports_again(
    file: str, formats: list[str], house: Path, keys: Callable[[], dict[str, str]]
) -> None:
    before = keys()
    flip(house / file)
    after = keys()
    assert [to for to in ALL if after[to] != before[to]] == formats


@pytest.mark.parametrize(
    ("file", "formats"),
    [
        ("press/exports/export.py", ALL),
        ("press/exports/prose.py", SET),
        ("press/exports/slides.py", SET),
        ("press/exports/katex.py", SET),
        ("press/exports/deck.py", SET),
        ("press/exports/typeset.py", PDFS),
        ("press/exports/pdf.py", PDFS),
        ("press/exports/parcel.py", ["notebook"]),
        # What makes notebooks, or tests them, or serves them, makes no export.
        ("press/notebooks/execute.py", []),
        ("press/notebooks/editions.py", []),
        ("press/notebooks/update.py", []),
        ("press/exports/site.py", []),
        ("press/grading/judge.py", []),
        ("unrolled/words.py", SET),  # unrolled.animation, which reads players, shows words
        ("unrolled/check.py", []),
    ],
)
def test_a_changed_module_makes_again_what_it_exports(
    file: str, formats: list[str], house: Path, keys: Callable[[], dict[str, str]]
) -> None:
    before = keys()
    path = house / file
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    after = keys()
    assert [to for to in ALL if after[to] != before[to]] == formats


def test_another_files_change_makes_nothing_again(
    house: Path, keys: Callable[[], dict[str, str]]
) -> None:
    before = keys()
    for name in ("README.md", "lectures/pl/04_lstm.ipynb", "img/pl/other.svg", "data/words.txt"):
        path = house / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("changed", encoding="utf-8")
    assert keys() == before


def test_a_new_library_makes_exports_again(
    keys: Callable[[], dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = keys()
    monkeypatch.setattr(exporting, "version", lambda name: "99.0" if name == "typst" else "1")
    after = keys()
    assert all(after[to] != before[to] for to in ALL)


@pytest.mark.parametrize("to", ALL)
def test_every_library_that_an_exporter_imports_is_in_its_key(to: str) -> None:
    _, foreign = modules(FORMATS[to].__module__)
    known = packages_distributions()
    missing = {
        name
        for name in foreign
        if not {d.lower().replace("_", "-") for d in known[name]} & set(LIBRARIES)
    }
    assert foreign
    assert not missing, f"add to press.exports.export.LIBRARIES: {missing}"


# Keeping -----------------------------------------------------------------------------------


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The formats that were really made, in order."""
    formats: list[str] = []

    def content(notebook_path: Path, to: str) -> bytes:
        formats.append(to)
        return b"<p>" + notebook_path.read_bytes()

    monkeypatch.setattr(exporting, "content", content)
    return formats


def test_an_export_is_made_once_until_its_notebook_changes(
    notebook: Path, tmp_path: Path, made: list[str]
) -> None:
    wanted = Export(notebook, "unrolled-deck", Path("pl/lectures/03.html"), "slides")
    out = tmp_path / "out"
    path = site.make(wanted, out)
    assert path == out / "pl" / "lectures" / "03.html"
    assert path.read_bytes() == b"<p>" + notebook.read_bytes()
    site.make(wanted, out)
    assert made == ["deck"]
    notebook.write_bytes(notebook.read_bytes() + b"\n")
    site.make(wanted, out)
    assert made == ["deck", "deck"]
    assert path.read_bytes() == b"<p>" + notebook.read_bytes()


@pytest.mark.parametrize("damage", ["cut", "edited", "removed", "record cut"])
def test_a_damaged_file_is_made_again(
    damage: str, notebook: Path, tmp_path: Path, made: list[str]
) -> None:
    target, record = tmp_path / "03.html", tmp_path / "keys" / "03.key"
    assert keep(notebook, "deck", target, record)
    whole = target.read_bytes()
    if damage == "cut":
        target.write_bytes(whole[: len(whole) // 2])
    elif damage == "edited":
        flip(target)
    elif damage == "removed":
        target.unlink()
    else:
        record.write_bytes(record.read_bytes()[:40])
    assert keep(notebook, "deck", target, record)
    assert target.read_bytes() == whole
    assert made == ["deck", "deck"]


def test_an_export_that_fails_leaves_the_old_file_and_makes_again(
    notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, record = tmp_path / "03.ipynb", tmp_path / "03.key"
    keep(notebook, "", target, record)
    old = target.read_bytes()
    notebook.write_bytes(old + b" ")

    def broken(path: Path, target: Path) -> None:
        raise OSError("no room")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", broken)
        with pytest.raises(OSError, match="no room"):
            keep(notebook, "", target, record)
    assert target.read_bytes() == old
    assert not list(tmp_path.glob(".03*")), "a half-written file was left"
    assert keep(notebook, "", target, record)
    assert target.read_bytes() == old + b" "


def test_who_asks_at_the_same_time_waits_for_the_one_who_makes_it(
    notebook: Path, tmp_path: Path, made: list[str]
) -> None:
    target, record = tmp_path / "03.html", tmp_path / "03.key"

    def ask(_: int) -> tuple[bool, bytes]:
        was_made = keep(notebook, "deck", target, record)
        return was_made, target.read_bytes()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(32)))
    assert sum(was_made for was_made, _ in found) == 1
    assert {data for _, data in found} == {b"<p>" + notebook.read_bytes()}
    assert made == ["deck"]


def test_a_missing_notebook_says_how_to_make_it(tmp_path: Path) -> None:
    wanted = Export(tmp_path / "no.ipynb", "unrolled-deck", Path("no.html"), "slides")
    with pytest.raises(FileNotFoundError, match="run: make notebooks"):
        site.make(wanted, tmp_path)


def test_building_again_makes_only_what_changed(
    lecture_and_root: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, root = lecture_and_root
    out = tmp_path / "out"
    site.build([source], root, out, jobs=1)
    pages = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert (out / "pl" / "lectures" / "07_trial.html") in pages

    def pool(jobs: int) -> None:
        raise AssertionError("something was made again")

    monkeypatch.setattr(site, "ProcessPoolExecutor", pool)
    site.build([source], root, out, jobs=1)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == pages


@pytest.fixture
def lecture_and_root(tmp_path: Path) -> tuple[Path, Path]:
    """A source with its notebooks, without running it."""
    from conftest import LECTURE

    from press.notebooks.editions import editions
    from press.sources.source import read

    root = tmp_path / "course"
    source = root / "lectures" / "07_trial.md"
    source.parent.mkdir(parents=True)
    source.write_text(LECTURE, encoding="utf-8")
    notebook = save(lecture(), root)
    for edition in editions(read(source)):
        path = edition.path(read(source), root)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(notebook, path)
    return source, root
