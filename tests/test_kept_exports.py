"""Exports are made once: what makes them again, what does not, and that no half file is taken."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from course import ROOT
from test_deck import lecture, save

from press import __main__ as command
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


# Whose the files of an output folder are ----------------------------------------------------


class AtOnce:
    """Makes exports in this process, one after the other."""

    def __init__(self, *_: object, **__: object) -> None:
        self.map = map

    def __enter__(self) -> AtOnce:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def press(
    lecture_and_root: tuple[Path, Path], made: list[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., int]:
    """The command line in a repository of one lecture; exports are made of nearly nothing."""
    _, root = lecture_and_root
    monkeypatch.setattr(command, "ROOT", root)
    monkeypatch.setattr(site, "ProcessPoolExecutor", AtOnce)
    monkeypatch.chdir(root.parent)

    def run(*arguments: str) -> int:
        return command.main(list(arguments))

    return run


def files(folder: Path) -> dict[str, bytes]:
    """What somebody sees in a folder."""
    below = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    return {
        name.as_posix(): path.read_bytes()
        for name, path in below.items()
        if not name.parts[0].startswith(".")
    }


def test_a_site_never_fills_a_folder_of_somebodys_own(
    press: Callable[..., int], made: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "d"
    (own / "deep").mkdir(parents=True)
    (own / "deep" / "thesis.txt").write_text("x", encoding="utf-8")
    assert press("site", "--out", "d") == 2
    told = capsys.readouterr().err
    assert "no build of the course made (deep/thesis.txt)" in told
    assert "name an empty folder" in told
    assert files(own) == {"deep/thesis.txt": b"x"}
    assert made == []
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert press("site", "--out", "file") == 2
    (tmp_path / "empty").mkdir()
    assert press("site", "--out", "empty") == 0
    assert (tmp_path / "empty" / "pl" / "lectures" / "07_trial.html").is_file()


def test_a_site_removes_what_an_earlier_build_made_and_nothing_else(
    press: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "d"
    assert press("build", "--out", "d") == 0
    (out / "syllabus.pdf").write_bytes(b"mine")
    for_me = "pl/lectures/07_trial.handout.pdf"
    assert for_me in files(out)
    assert press("site", "--out", "d", "--zip", "d/all.zip") == 0
    assert "no build made them: syllabus.pdf" in capsys.readouterr().out
    there = files(out)
    assert for_me not in there
    assert there["syllabus.pdf"] == b"mine"
    assert "pl/lectures/07_trial.html" in there
    with zipfile.ZipFile(out / "all.zip") as archive:
        assert archive.testzip() is None
        names = {name.removeprefix("unrolled/") for name in archive.namelist()}
    assert names == there.keys() - {"syllabus.pdf", "all.zip"}
    assert press("site", "--out", "d", "--zip", "d/all.zip") == 0  # ours may be written again
    assert files(out) == there


def test_a_site_that_fails_has_removed_nothing(
    press: Callable[..., int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert press("build", "--out", "d") == 0
    before = files(tmp_path / "d")

    def broken(*_: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(site, "parcel", broken)
    assert press("site", "--out", "d") == 2
    assert "press: no room\n" in capsys.readouterr().err
    assert before.keys() <= files(tmp_path / "d").keys()


@pytest.mark.parametrize("arguments", [("build",), ("deck", "--lecture", "07")])
def test_a_build_writes_over_nobodys_file(
    press: Callable[..., int],
    arguments: tuple[str, ...],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = tmp_path / "d" / "pl" / "lectures" / "07_trial.html"
    target.parent.mkdir(parents=True)
    target.write_text("mine", encoding="utf-8")
    assert press(*arguments, "--out", "d") == 2
    assert "07_trial.html" in capsys.readouterr().err
    assert files(tmp_path / "d") == {"pl/lectures/07_trial.html": b"mine"}
    assert press(*arguments, "--out", "e") == 0
    made_file = tmp_path / "e" / "pl" / "lectures" / "07_trial.html"
    for turn in ("first", "second"):  # what was changed by hand, as often as it was
        made_file.write_text(turn, encoding="utf-8")
        assert press(*arguments, "--out", "e") == 0
        assert "your version is" in capsys.readouterr().err
    yours = tmp_path / "e" / ".yours" / "pl" / "lectures"
    assert {path.name: path.read_text(encoding="utf-8") for path in yours.iterdir()} == {
        "07_trial.html": "first",
        "07_trial-2.html": "second",
    }
    assert made_file.read_text(encoding="utf-8").startswith("<p>")


@pytest.mark.parametrize("name", ["thesis.docx", "other.zip", "d/index.html"])
def test_an_archive_is_written_over_no_other_file(
    press: Callable[..., int],
    made: list[str],
    name: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "thesis.docx").write_bytes(b"mine")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("mine.txt", "mine")
    before = files(tmp_path)
    assert press("site", "--out", "d", "--zip", name) == 2
    assert "name another" in capsys.readouterr().err
    assert files(tmp_path) == before
    assert made == []


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
