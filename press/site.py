"""The whole course as files to hand out: every export, and an index page in each language."""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
from tqdm import tqdm

from press import fonts
from press.editions import Edition
from press.export import holds, keep, key
from press.source import Source, read
from press.text import glue
from unrolled import palette
from unrolled.messages import LANGUAGES, Language

TEMPLATES = Path(__file__).parent / "templates"
#: The folder of the output in which the keys of what was made are kept.
KEYS = ".made"
WORDS: dict[Language, dict[str, str]] = {
    "pl": {
        "name": "Unrolled: sieci rekurencyjne i ich sąsiedzi",
        "lead": "Kurs w notatnikach Jupytera: każdy wzór da się uruchomić, każdą tezę sprawdzić.",
        "lectures": "Wykłady",
        "labs": "Laboratoria",
        "slides": "Slajdy",
        "slides-pdf": "Slajdy, PDF",
        "handout": "Skrypt, PDF",
        "notebook": "Notatnik",
        "sheet": "Zadania, PDF",
        "solutions": "Rozwiązania",
        "solutions-pdf": "Rozwiązania, PDF",
        "other": "In English",
        "minutes": "min",
        "keys": "W slajdach: strzałki lub spacja – dalej, S – notatki prowadzącego, O – przegląd, "
        "F – pełny ekran. Pliki działają bez sieci.",
    },
    "en": {
        "name": "Unrolled: recurrent networks and their neighbours",
        "lead": "A course in Jupyter notebooks: every formula runs, every claim is tested.",
        "lectures": "Lectures",
        "labs": "Labs",
        "slides": "Slides",
        "slides-pdf": "Slides, PDF",
        "handout": "Handout, PDF",
        "notebook": "Notebook",
        "sheet": "Exercises, PDF",
        "solutions": "Solutions",
        "solutions-pdf": "Solutions, PDF",
        "other": "Po polsku",
        "minutes": "min",
        "keys": "In the slides: arrows or space to go on, S for the speaker’s notes, O for the "
        "overview, F for full screen. All files work without a network.",
    },
}


@dataclass(frozen=True)
class Export:
    """One file to make: from which notebook, by which exporter, called what."""

    notebook: Path
    exporter: str  # nbconvert's name; "" copies the notebook
    target: Path  # below the output folder
    label: str  # key of WORDS


@dataclass
class Entry:
    """A lecture or a lab as the index shows it."""

    number: str
    title: str
    subtitle: str
    minutes: int
    links: list[tuple[str, str]] = field(default_factory=list)  # address, label


def exports(source: Source, root: Path, lang: Language) -> list[Export]:
    """Return what is exported of a source in one language, in the order of the index."""
    folder = Path(lang) / f"{source.kind}s"
    name = source.name

    def export(audience: str, exporter: str, target: str, label: str) -> Export:
        notebook = Edition(lang, audience).path(source, root)
        return Export(notebook, exporter, folder / target, label)

    if source.kind == "lecture":
        return [
            export("lecture", "unrolled-deck", f"{name}.html", "slides"),
            export("lecture", "unrolled-slides-pdf", f"{name}.slides.pdf", "slides-pdf"),
            export("lecture", "unrolled-handout-pdf", f"{name}.handout.pdf", "handout"),
            export("lecture", "", f"{name}.ipynb", "notebook"),
        ]
    return [
        export("student", "", f"{name}.ipynb", "notebook"),
        export("student", "unrolled-handout-pdf", f"{name}.pdf", "sheet"),
        export("solutions", "unrolled-page", f"{name}.solutions.html", "solutions"),
        export("solutions", "unrolled-handout-pdf", f"{name}.solutions.pdf", "solutions-pdf"),
    ]


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


def build(paths: list[Path], root: Path, out: Path, *, jobs: int = 2) -> Path:
    """Export what has changed of every source, and write the index pages.

    Args:
        paths: the sources.
        root: the root of the repository.
        out: the folder to fill; what is in it already is overwritten, not removed.
        jobs: how many files are made at once.

    Returns:
        The first page to open.
    """
    sources = [read(path) for path in paths]
    todo = [e for s in sources for lang in LANGUAGES for e in exports(s, root, lang)]
    todo = [export for export in todo if _stale(export, out)]
    if todo:
        with ProcessPoolExecutor(jobs) as pool:
            done = pool.map(make, todo, [out] * len(todo))
            quiet = not sys.stderr.isatty()
            for _ in tqdm(done, total=len(todo), desc="exports", unit="file", disable=quiet):
                pass
    for lang in LANGUAGES:
        page = out / lang / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(index(sources, root, lang), encoding="utf-8")
    first = out / "index.html"
    first.write_text(_template("languages.html.j2", words=WORDS), encoding="utf-8")
    return first


def index(sources: list[Source], root: Path, lang: Language) -> str:
    """Return the index page of one language."""
    words = WORDS[lang]
    entries: dict[str, list[Entry]] = {"lectures": [], "labs": []}
    for source in sources:
        title, subtitle = source.title[lang], source.subtitle[lang]
        if lang == "pl":
            title, subtitle = glue(title), glue(subtitle)
        entry = Entry(source.number, title, subtitle, source.minutes)
        for export in exports(source, root, lang):
            address = export.target.relative_to(lang).as_posix()
            entry.links.append((address, words[export.label]))
        entries[f"{source.kind}s"].append(entry)
    return _template("index.html.j2", lang=lang, words=words, entries=entries)


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
    return environment.get_template(name).render(faces=rules, palette=palette, **values)
