"""The course's diagrams, drawn by code with labels in both languages.

A diagram is a function that draws on a :class:`~unrolled.diagrams.canvas.Canvas`; ``@diagram``
puts it into the registry under its file's name. ``python -m unrolled.diagrams`` writes all of
them to ``img/pl`` and ``img/en``; with ``--check`` it writes nothing and lists those that are
out of date.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

from unrolled.diagrams.canvas import REGISTRY, Canvas, diagram
from unrolled.messages import LANGUAGES, Language

__all__ = ["Canvas", "diagram", "draw", "names", "paths", "stale", "write"]

FOLDER = Path(__file__).resolve().parents[2] / "img"


def names() -> list[str]:
    """Return the names of all diagrams, in the order in which they are defined."""
    for module in pkgutil.iter_modules(__path__):
        if not module.name.startswith("_"):
            importlib.import_module(f"{__name__}.{module.name}")
    return list(REGISTRY)


def draw(name: str, language: Language) -> Canvas:
    """Draw one diagram.

    Args:
        name: its name.
        language: the language of its labels.

    Raises:
        KeyError: there is no such diagram.
    """
    if name not in names():
        raise KeyError(f"no diagram {name!r}: there are {', '.join(names())}")
    entry = REGISTRY[name]
    canvas = Canvas(language, height=entry.height)
    entry.draw(canvas)
    return canvas


def paths(folder: Path = FOLDER) -> dict[Path, tuple[str, Language]]:
    """Return the file of each diagram in each language."""
    return {folder / lang / f"{name}.svg": (name, lang) for name in names() for lang in LANGUAGES}


def write(folder: Path = FOLDER, only: list[str] | None = None) -> list[Path]:
    """Write the diagrams whose files differ from what the code draws; return those files.

    Args:
        folder: where ``pl`` and ``en`` are.
        only: names of diagrams; all of them by default.
    """
    written = []
    for path, (name, lang) in paths(folder).items():
        if only and name not in only:
            continue
        text = draw(name, lang).svg()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
            written.append(path)
    return written


def stale(folder: Path = FOLDER) -> list[str]:
    """Return what is wrong with the files, one line each: missing, out of date, left over."""
    wanted = paths(folder)
    problems = []
    for path, (name, lang) in wanted.items():
        if not path.exists():
            problems.append(f"{path}: missing")
        elif path.read_text(encoding="utf-8") != draw(name, lang).svg():
            problems.append(f"{path}: out of date")
    left = sorted(set(folder.glob("*/*.svg")) - set(wanted))
    return problems + [f"{path}: no diagram of this name" for path in left]
