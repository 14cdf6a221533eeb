"""What is handed out: a site without the lecturer's secrets, whole notebooks, paper, one's own."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import course
import nbformat
import pytest
from pypdf import PdfReader
from test_deck import lecture, prose, save

from press.exports import house, own
from press.exports.deck import DeckExporter, StudentDeckExporter
from press.exports.export import content
from press.exports.house import HouseError
from press.exports.pdf import HandoutPDFExporter, StudentPDFExporter
from press.exports.site import BUILDS, bundle, exports, parcel, students
from press.exports.slides import ExportError
from press.exports.twoup import two_up
from press.notebooks import kept
from press.notebooks.editions import Edition, render
from press.sources.source import find, read
from unrolled.messages import LANGUAGES


def words(pdf: bytes) -> str:
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return re.sub(r"\s+", "", text)


# What is in which build ---------------------------------------------------------------------


def test_students_get_no_solutions_notes_or_commentary(root: Path) -> None:
    for source in course.sources():
        for lang in LANGUAGES:
            made = exports(source, root, lang, "students")
            assert made
            for export in made:
                assert "solutions" not in export.notebook.parts
                assert export.exporter not in {"unrolled-deck", ""}
                if export.notebook.parent.parent.name == "lectures":
                    assert export.exporter != "unrolled-handout-pdf"  # with commentary
            labels = {export.label for export in exports(source, root, lang, "all")}
            assert {export.label for export in made} < labels
    assert BUILDS["students with solutions"] - BUILDS["students"] == {"solutions"}


def test_a_students_deck_and_handout_hold_no_notes(tmp_path: Path) -> None:
    path = save(lecture(), tmp_path)
    for exporter, there in (
        (DeckExporter, True),
        (StudentDeckExporter, False),
        (HandoutPDFExporter, True),
        (StudentPDFExporter, False),
    ):
        body, _ = exporter().from_filename(str(path))
        text = words(body) if isinstance(body, bytes) else re.sub(r"\s+", "", body)
        assert ("Copowie" in text) is there
        assert "Iloczyn" in text


def test_a_notebook_to_hand_out_shows_its_pictures_anywhere(tmp_path: Path) -> None:
    path = save(lecture(), tmp_path)
    made = nbformat.reads(content(path, "notebook").decode(), as_version=4)
    cell = next(c for c in made.cells if "Zawór" in c.source)
    assert "](attachment:valve.svg)" in cell.source
    assert set(cell.attachments) == {"valve.svg"}
    assert "start.html" in made.cells[0].source
    for source in made.cells:
        assert "../" not in source.source


def test_a_site_is_for_students_also_after_a_build_with_solutions(
    root: Path, tmp_path: Path
) -> None:
    paths = find(root, ["labs/03_airline.md"])
    out = tmp_path / "site"
    students(paths, root, out, jobs=1, solutions=True)
    assert (out / "pl" / "labs" / "03_airline.solutions.html").is_file()
    first = students(paths, root, out, jobs=1, solutions=False)
    left = [p for p in out.rglob("*") if p.is_file() and ".made" not in p.parts]
    assert not [p for p in left if "solutions" in p.name]
    assert first.is_file()
    for page in left:
        if page.suffix == ".html":
            for link in re.findall(r'href="([^"#]+)"', page.read_text(encoding="utf-8")):
                assert (page.parent / link).is_file(), f"{page.name} links {link}"
    bundle(out, tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        names = archive.namelist()
    assert "unrolled/index.html" in names
    assert "unrolled/unrolled-labs.zip" in names
    assert not [name for name in names if "solution" in name or ".made" in name]


def test_what_the_labs_need_is_in_one_archive_and_no_solution(root: Path, tmp_path: Path) -> None:
    target = tmp_path / "labs.zip"
    parcel(root, target)
    first = target.read_bytes()
    parcel(root, target)
    assert target.read_bytes() == first
    with zipfile.ZipFile(target) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path)
        text = "".join(
            archive.read(name).decode() for name in names if name.endswith((".ipynb", ".py"))
        )
    assert "BEGIN SOLUTION" not in text
    assert not [name for name in names if "press/" in name or "solutions" in name]
    there = tmp_path / "unrolled-labs"
    assert len(list((there / "labs" / "pl").glob("*.ipynb"))) == len(
        list((root / "labs" / "pl").glob("*.ipynb"))
    )
    code = "import unrolled.data, unrolled.check; print(len(unrolled.data.airline().month))"
    python = shutil.which("python") or "python3"
    import sys

    ran = subprocess.run(
        [sys.executable or python, "-c", code], cwd=there, capture_output=True, text=True
    )
    assert ran.stdout.strip() == "144", ran.stderr


# Paper --------------------------------------------------------------------------------------


def test_two_slides_on_a_page(tmp_path: Path) -> None:
    slides = content(save(lecture(), tmp_path), "slides-pdf")
    sheets = PdfReader(io.BytesIO(two_up(slides)))
    assert len(PdfReader(io.BytesIO(slides)).pages) == 4
    assert len(sheets.pages) == 2
    width, height = (float(side) for side in sheets.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (595, 842)
    first = re.sub(r"\s+", "", sheets.pages[0].extract_text())
    assert "Bramki" in first
    assert "Iloczyn" in first


def test_bookmarks_follow_the_sections(tmp_path: Path) -> None:
    notebook = lecture()
    cell = prose("# Zawór\n\n1. **Zawór**", "slide")
    cell["id"] = "section"
    cell.metadata["unrolled"] = {"section": "core"}
    notebook.cells.insert(5, cell)
    path = save(notebook, tmp_path)
    for to in ("slides-pdf", "handout-pdf"):
        outline = PdfReader(io.BytesIO(content(path, to))).outline
        titles = [item if isinstance(item, list) else item.title for item in outline]
        at = titles.index("Zawór")
        assert isinstance(titles[at + 1], list), "its slides are below it"


# Whose course it is -------------------------------------------------------------------------

TOML = """
[here]
university = "Uniwersytet Wzorcowy"
author = "dr Anna Żak"
term = "zima 2026/27"
logo = "logo.svg"
[colours]
headings = "#123456"
"""


def test_one_file_says_whose_course_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "course.toml").write_text(TOML, encoding="utf-8")
    (tmp_path / "logo.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9"/></svg>'
    )
    said = house.read(tmp_path / "course.toml")
    assert said.line == "dr Anna Żak · Uniwersytet Wzorcowy · zima 2026/27"
    monkeypatch.setattr(house, "ours", lambda: said)
    path = save(lecture(), tmp_path)
    deck, _ = DeckExporter().from_filename(str(path))
    assert said.line in deck
    assert "#123456" in deck
    assert "#16324f" not in deck
    assert 'aria-label="Uniwersytet Wzorcowy"' in deck
    for to in ("slides-pdf", "handout-pdf"):
        assert "UniwersytetWzorcowy" in words(content(path, to))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"#123456"', '"navy"', "headings is a colour such as #0b57a4, not 'navy'"),
        ("author", "autor", "[here] has no 'autor'; it has author, logo, term, university"),
        ('"logo.svg"', '"no.svg"', "there is no logo no.svg"),
        ("[colours]", "[colors]", "[colors] is unknown"),
        ('term = "zima 2026/27"', "term = 2026", "term is a text in quotes"),
        ("[here]", "[here", "course.toml: "),
    ],
)
def test_what_is_wrong_with_that_file_is_said(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    (tmp_path / "logo.svg").write_text("<svg/>")
    assert old in TOML
    path = tmp_path / "course.toml"
    path.write_text(TOML.replace(old, new), encoding="utf-8")
    with pytest.raises(HouseError, match=re.escape(says)):
        house.read(path)


# Slides of one's own ------------------------------------------------------------------------

MINE = """\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
---

+++ {"after": "cell-1", "slideshow": {"slide_type": "subslide"}}

## Sala 3.14, tylko po polsku

```{code-cell} ipython3
1 + 1
```
"""


def with_mine(tmp_path: Path, text: str = MINE) -> nbformat.NotebookNode:
    path = tmp_path / "lectures" / "local" / "03_gates.pl.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return own.merged(lecture(), tmp_path)


def test_slides_of_ones_own_come_where_they_say(tmp_path: Path) -> None:
    merged = with_mine(tmp_path)
    ids = [cell.id for cell in merged.cells]
    assert ids[:5] == ["cell-0", "cell-1", "own-1", "own-2", "cell-2"]
    assert merged.cells[2].source == "## Sala 3.14, tylko po polsku"
    assert own.merged(lecture(), tmp_path / "elsewhere").cells[2].id == "cell-2"
    english = lecture()
    english.metadata["language"] = "en"
    assert own.file_of(english, tmp_path) is None


def test_slides_of_ones_own_without_a_place_are_an_error_that_helps(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"03_gates\.pl\.md, cell 1: say where it comes.*cell-2"):
        with_mine(tmp_path, MINE.replace("cell-1", "cell-99"))


# Edited notebooks ---------------------------------------------------------------------------


def test_an_edited_notebook_is_never_lost(
    lab: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = read(lab)
    notebook = render(source, Edition("pl", "student"))
    notebook.metadata["unrolled"]["cells"] = kept.cells_digest(notebook)
    path = tmp_path / "labs" / "pl" / "07_trial.ipynb"
    backups = tmp_path / "build" / "edited"
    assert kept.write(notebook, path, backups)
    assert not kept.write(notebook, path, backups)
    mine = nbformat.read(path, as_version=4)
    mine.cells.append(nbformat.v4.new_markdown_cell("moje"))
    nbformat.write(mine, path)
    assert kept.edited(path)
    assert kept.write(notebook, path, backups)
    (backup,) = backups.iterdir()
    assert "moje" in backup.read_text(encoding="utf-8")
    assert str(backup) in capsys.readouterr().err
    assert not kept.edited(path)
    # Outputs alone are no edit: a run replaces them.
    mine = nbformat.read(path, as_version=4)
    next(c for c in mine.cells if c.cell_type == "code").execution_count = 7
    nbformat.write(mine, path)
    assert kept.write(notebook, path, backups)
    assert len(list(backups.iterdir())) == 1


@pytest.mark.parametrize(
    ("chosen", "edit"),
    [
        ({"slideshow": {"slide_type": "skip"}}, True),
        ({"tags": ["hide-input"]}, True),
        ({"jupyter": {"source_hidden": True}}, True),
        ({"slideshow": {"slide_type": ""}, "tags": [], "editable": True}, False),
        ({"scrolled": True, "jupyter": {"outputs_hidden": True}}, False),
    ],
)
def test_what_a_panel_of_jupyterlab_sets_is_an_edit(
    lab: Path, tmp_path: Path, chosen: dict[str, object], edit: bool
) -> None:
    """Who makes a cell no slide keeps that; where nothing was chosen there is nothing to keep."""
    notebook = render(read(lab), Edition("pl", "student"))
    notebook.metadata["unrolled"]["cells"] = kept.cells_digest(notebook)
    path, backups = tmp_path / "labs" / "pl" / "07_trial.ipynb", tmp_path / "edited"
    kept.write(notebook, path)
    mine = nbformat.read(path, as_version=4)
    cell = next(c for c in mine.cells if not set(chosen) & set(c.metadata))
    cell.metadata.update(chosen)
    nbformat.write(mine, path)
    assert kept.write(notebook, path, backups)
    assert backups.exists() is edit


def test_two_notebooks_of_one_second_have_two_backups(lab: Path, tmp_path: Path) -> None:
    """Both languages' solutions of one ``git checkout``, edited, and edited again."""
    backups = tmp_path / "build" / "edited"
    mine = {}
    for turn in ("once", "twice"):
        for language in LANGUAGES:
            edition = Edition(language, "solutions")
            path = tmp_path / "labs" / language / "solutions" / "07_trial.ipynb"
            notebook = render(read(lab), edition)
            mine[language, turn] = nbformat.v4.new_markdown_cell(f"{language} {turn}")
            edited = nbformat.v4.new_notebook(cells=[mine[language, turn]])  # says nothing of ours
            path.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(edited, path)
            os.utime(path, (1_800_000_000, 1_800_000_000))
            assert kept.write(notebook, path, backups)
    said = {path.read_text(encoding="utf-8"): path.name for path in backups.iterdir()}
    assert len(said) == 4
    for (language, turn), cell in mine.items():
        (name,) = [name for text, name in said.items() if cell.source in text]
        assert name.startswith(f"07_trial.{language}.solutions."), name
        assert ("-2.ipynb" in name) is (turn == "twice")


@pytest.mark.parametrize("text", ["[]", "{}", '{"cells": [', '{"metadata": 1, "nbformat": 4}'])
def test_what_is_no_notebook_is_kept_too(lab: Path, tmp_path: Path, text: str) -> None:
    path = tmp_path / "labs" / "pl" / "07_trial.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    assert kept.write(render(read(lab), Edition("pl", "student")), path, tmp_path / "edited")
    (backup,) = (tmp_path / "edited").iterdir()
    assert backup.read_text(encoding="utf-8") == text


def test_a_reader_never_sees_half_a_notebook(
    lab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed just before the new notebook is in its place: the old one is whole and unedited."""
    path = tmp_path / "labs" / "pl" / "07_trial.ipynb"
    notebook = render(read(lab), Edition("pl", "student"))
    notebook.metadata["unrolled"]["cells"] = kept.cells_digest(notebook)
    kept.write(notebook, path)
    path.chmod(0o640)
    before = path.read_bytes()
    notebook.cells.append(nbformat.v4.new_markdown_cell("new"))

    def killed(fresh: Path, target: Path) -> None:
        assert "new" in fresh.read_text(encoding="utf-8"), "whole before it is in its place"
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            kept.write(notebook, path, tmp_path / "edited")
    assert path.read_bytes() == before
    assert not kept.edited(path)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert kept.write(notebook, path, tmp_path / "edited")
    assert path.stat().st_mode & 0o777 == 0o640
    assert not (tmp_path / "edited").exists()
