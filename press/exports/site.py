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
from press.exports import fonts, house, made
from press.exports.export import holds, keep, key
from press.files import TakenError
from press.notebooks.editions import Edition
from press.sources.source import Source, read
from press.sources.text import glue
from press.words import WORDS
from unrolled import palette
from unrolled.messages import LANGUAGES, Language


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


def make(export: Export, out: Path) -> Path:
    """Return the path of one file of the output folder, made now unless it is there and holds.

    If somebody changed it by hand, a copy of that goes aside first, and it is said.

    Raises:
        FileNotFoundError: the notebook is not there; the message says how to make it.
    """
    made.spare(out, export.target)
    target, to = out / export.target, export.exporter.removeprefix("unrolled-")
    keep(export.notebook, to, target, made.record(out, export.target))
    return target


def _stale(export: Export, out: Path) -> bool:
    if not export.notebook.is_file():
        return True  # `make` says how to get it
    wanted = key(export.notebook, export.exporter.removeprefix("unrolled-"))
    return not holds(out / export.target, made.record(out, export.target), wanted)


def build(paths: list[Path], root: Path, out: Path, *, jobs: int = 2, which: str = "all") -> Path:
    """Export what has changed of every source, and write the index pages.

    Args:
        paths: the sources.
        root: the root of the repository.
        out: the folder to fill; what a build made there is written anew, nothing is removed.
        jobs: how many files are made at once.
        which: one of `BUILDS`.

    Returns:
        The first page to open.

    Raises:
        TakenError: a file that would be written over is none that a build made.
    """
    sources = [read(path) for path in paths]
    todo = [e for s in sources for lang in LANGUAGES for e in exports(s, root, lang, which)]
    made.claim(out, [*made.PAGES, *(export.target for export in todo)])
    todo = [export for export in todo if _stale(export, out)]
    if todo:
        # Typst has threads of its own, which a forked process would wait for in vain.
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            done = pool.map(make, todo, [out] * len(todo))
            quiet = not sys.stderr.isatty()
            for _ in tqdm(done, total=len(todo), desc="exports", unit="file", disable=quiet):
                pass
    for lang in LANGUAGES:
        folder = Path(lang)
        made.put(out, folder / "index.html", index(sources, root, lang, which))
        start = _template(f"start.{lang}.html.j2", words=WORDS[lang])
        made.put(out, folder / "start.html", start)
    return made.put(out, Path("index.html"), _template("languages.html.j2", words=WORDS))


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
        out: the folder to fill; what earlier builds made there and this one does not is removed
            in the end. Files of somebody's own stay, and are named.
        jobs: how many files are made at once.
        solutions: whether the labs' solutions are in it all the same.

    Returns:
        The first page to open.

    Raises:
        TakenError: there are files in the folder, and no build of ours made any.
    """
    made.claim(out)
    which = "students with solutions" if solutions else "students"
    wanted = {
        export.target
        for path in paths
        for lang in LANGUAGES
        for export in exports(read(path), root, lang, which)
    }
    first = build(paths, root, out, jobs=jobs, which=which)
    made.spare(out, made.PARCEL)
    parcel(root, out / made.PARCEL)
    made.written(out, made.PARCEL)
    for old in sorted(made.ours(out) - {*wanted, made.PARCEL, *made.PAGES}):
        made.remove(out, old)
    if own := made.strange(out):
        print(f"left in {out} as they are, for no build made them: {made.named(own)}")
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
    with made.archive(target) as archive:
        for path in files:
            if "__pycache__" not in path.parts:
                _put(archive, f"unrolled-labs/{path.relative_to(root).as_posix()}", path)


def check_bundle(folder: Path, target: Path) -> None:
    """Make sure that an archive of a site may be written, before anything is made.

    Args:
        folder: where the site is going to be.
        target: the archive.

    Raises:
        TakenError: there is another file in its place, or the site has a file of that name.
    """
    if target.resolve() in {(folder / name).resolve() for name in (made.PARCEL, *made.PAGES)}:
        raise TakenError(f"{target} is a file of the site itself: name another one with --zip")
    if not target.exists():
        return
    if zipfile.is_zipfile(target):
        with zipfile.ZipFile(target) as archive:
            if "unrolled/index.html" in archive.namelist():
                return
    raise TakenError(f"{target} is no archive of a site: name another file with --zip")


def bundle(folder: Path, target: Path) -> None:
    """Write a built site as one archive, for Moodle or a memory stick.

    What no build made is not in it.

    Raises:
        TakenError: there is another file in its place, or the site has a file of that name.
    """
    check_bundle(folder, target)
    with made.archive(target) as archive:
        for below in sorted(made.ours(folder)):
            _put(archive, f"unrolled/{below.as_posix()}", folder / below)


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
