"""The course as files: everything for its lecturer, or what students may have."""

from __future__ import annotations

import sys
import zipfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import jinja2
from tqdm import tqdm

from press import TEMPLATES
from press.exports import fonts, house
from press.exports.export import holds, keep, key
from press.notebooks.editions import Edition
from press.sources.source import Source, read
from press.sources.text import glue
from press.words import WORDS
from unrolled import palette
from unrolled.messages import LANGUAGES, Language

#: The folder of the output in which the keys of what was made are kept.
KEYS = ".made"


@dataclass(frozen=True)
class Export:
    """One file to make: from which notebook, by which exporter, called what."""

    notebook: Path
    exporter: str  # nbconvert's name; "" copies the notebook
    target: Path  # below the output folder
    label: str  # key of `press.words.WORDS`


@dataclass
class Entry:
    """A lecture or a lab as the index shows it."""

    number: str
    title: str
    subtitle: str
    minutes: int
    links: list[tuple[str, str]] = field(default_factory=list)  # address, label


#: What is made of a lecture and of a lab: audience, exporter, ending, label, for whom.
_EVERYBODY, _LECTURER, _SOLUTIONS = "everybody", "lecturer", "solutions"
_LECTURE = (
    ("lecture", "unrolled-deck", ".html", "slides", _EVERYBODY),
    ("lecture", "unrolled-page", ".page.html", "page", _EVERYBODY),
    ("lecture", "unrolled-slides-pdf", ".slides.pdf", "slides-pdf", _EVERYBODY),
    ("lecture", "unrolled-two-up-pdf", ".two-up.pdf", "two-up", _EVERYBODY),
    ("lecture", "unrolled-student-pdf", ".student.pdf", "student", _EVERYBODY),
    ("lecture", "unrolled-handout-pdf", ".handout.pdf", "handout", _LECTURER),
    ("lecture", "unrolled-notebook", ".ipynb", "notebook", _EVERYBODY),
)
_LAB = (
    ("student", "unrolled-notebook", ".ipynb", "notebook", _EVERYBODY),
    ("student", "unrolled-handout-pdf", ".pdf", "sheet", _EVERYBODY),
    ("solutions", "unrolled-page", ".solutions.html", "solutions", _SOLUTIONS),
    ("solutions", "unrolled-handout-pdf", ".solutions.pdf", "solutions-pdf", _SOLUTIONS),
)
#: What each build holds. A deck for students has no notes in it.
BUILDS = {
    "all": {_EVERYBODY, _LECTURER, _SOLUTIONS},
    "students": {_EVERYBODY},
    "students with solutions": {_EVERYBODY, _SOLUTIONS},
}


def exports(source: Source, root: Path, lang: Language, build: str = "all") -> list[Export]:
    """Return what is exported of a source in one language, in the order of the index.

    Args:
        source: a lecture or a lab.
        root: the root of the repository.
        lang: the language.
        build: one of `BUILDS`.
    """
    folder = Path(lang) / f"{source.kind}s"
    found = []
    for audience, exporter, ending, label, who in _LECTURE if source.kind == "lecture" else _LAB:
        if who not in BUILDS[build]:
            continue
        if exporter == "unrolled-deck" and build != "all":
            exporter = "unrolled-student-deck"
        notebook = Edition(lang, audience).path(source, root)
        found.append(Export(notebook, exporter, folder / f"{source.name}{ending}", label))
    return found


def _kept(export: Export, out: Path) -> tuple[Path, Path]:
    """Return where an export and its key are kept below the output folder."""
    name = export.target.with_name(f"{export.target.name}.key")
    return out / export.target, out / KEYS / name


def make(export: Export, out: Path) -> Path:
    """Return the path of one file of the output folder, made now unless it is there and holds.

    Raises:
        FileNotFoundError: the notebook is not there; the message says how to make it.
    """
    target, record = _kept(export, out)
    keep(export.notebook, export.exporter.removeprefix("unrolled-"), target, record)
    return target


def _stale(export: Export, out: Path) -> bool:
    if not export.notebook.is_file():
        return True  # `make` says how to get it
    wanted = key(export.notebook, export.exporter.removeprefix("unrolled-"))
    return not holds(*_kept(export, out), wanted)


def build(paths: list[Path], root: Path, out: Path, *, jobs: int = 2, which: str = "all") -> Path:
    """Export what has changed of every source, and write the index pages.

    Args:
        paths: the sources.
        root: the root of the repository.
        out: the folder to fill; what is in it already is overwritten, not removed.
        jobs: how many files are made at once.
        which: one of `BUILDS`.

    Returns:
        The first page to open.
    """
    sources = [read(path) for path in paths]
    todo = [e for s in sources for lang in LANGUAGES for e in exports(s, root, lang, which)]
    todo = [export for export in todo if _stale(export, out)]
    if todo:
        # Typst has threads of its own, which a forked process would wait for in vain.
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            done = pool.map(make, todo, [out] * len(todo))
            quiet = not sys.stderr.isatty()
            for _ in tqdm(done, total=len(todo), desc="exports", unit="file", disable=quiet):
                pass
    for lang in LANGUAGES:
        page = out / lang / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(index(sources, root, lang, which), encoding="utf-8")
        start = page.with_name("start.html")
        start.write_text(_template(f"start.{lang}.html.j2", words=WORDS[lang]), encoding="utf-8")
    first = out / "index.html"
    first.write_text(_template("languages.html.j2", words=WORDS), encoding="utf-8")
    return first


def index(sources: list[Source], root: Path, lang: Language, which: str = "all") -> str:
    """Return the index page of one language, for one of `BUILDS`."""
    words = WORDS[lang]
    entries: dict[str, list[Entry]] = {"lectures": [], "labs": []}
    for source in sources:
        title, subtitle = source.title[lang], source.subtitle[lang]
        if lang == "pl":
            title, subtitle = glue(title), glue(subtitle)
        entry = Entry(source.number, title, subtitle, source.minutes)
        for export in exports(source, root, lang, which):
            address = export.target.relative_to(lang).as_posix()
            entry.links.append((address, words[export.label]))
        entries[f"{source.kind}s"].append(entry)
    return _template(
        "index.html.j2", lang=lang, words=words, entries=entries, speaker=which == "all"
    )


def students(paths: list[Path], root: Path, out: Path, *, jobs: int, solutions: bool) -> Path:
    """Build what students may have: no notes, no commentary, no answers, no solutions.

    Args:
        paths: the sources.
        root: the root of the repository.
        out: the folder to fill; it is emptied first, so that nothing of an earlier build is left.
        jobs: how many files are made at once.
        solutions: whether the labs' solutions are in it all the same.

    Returns:
        The first page to open.
    """
    which = "students with solutions" if solutions else "students"
    wanted = {
        export.target
        for path in paths
        for lang in LANGUAGES
        for export in exports(read(path), root, lang, which)
    }
    for old in [p for p in out.rglob("*") if p.is_file()] if out.is_dir() else []:
        below = old.relative_to(out)
        if below not in wanted and below.parts[0] != KEYS:
            old.unlink()
    first = build(paths, root, out, jobs=jobs, which=which)
    parcel(root, out / "unrolled-labs.zip")
    return first


#: What the labs need to run, below the root of the repository.
PARCEL = (
    *("unrolled/**/*.py", "unrolled/**/*.md", "unrolled/fonts/*", "data/*", "img/*/*.svg"),
    *("labs/pl/*.ipynb", "labs/en/*.ipynb", "pyproject.toml", "constraints.txt"),
    *("environment.yml", "README.md"),
)


def parcel(root: Path, target: Path) -> None:
    """Write the archive that students unpack and install: labs, the package, its data.

    The same files give the same bytes. Solutions are not in it, and neither is the press.
    """
    files = sorted({path for pattern in PARCEL for path in root.glob(pattern) if path.is_file()})
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            if "__pycache__" not in path.parts:
                _put(archive, f"unrolled-labs/{path.relative_to(root).as_posix()}", path)


def bundle(folder: Path, target: Path) -> None:
    """Write a built site as one archive, for Moodle or a memory stick."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            below = path.relative_to(folder)
            if below.parts[0] != KEYS:
                _put(archive, f"unrolled/{below.as_posix()}", path)


def _put(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.external_attr = 0o644 << 16
    archive.writestr(info, path.read_bytes(), zipfile.ZIP_DEFLATED)


def _template(name: str, **values: Any) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    faces = (fonts.SANS, fonts.SANS_BOLD, fonts.SERIF_BOLD)
    rules = "\n".join(fonts.font_face(face, fonts.COMMON) for face in faces)
    page = environment.get_template(name).render(
        faces=rules, palette=palette, here=house.ours(), **values
    )
    return house.ours().painted(page)
