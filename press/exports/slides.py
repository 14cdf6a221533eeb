"""How the cells of a notebook make slides."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from nbformat import NotebookNode

SLIDE_TYPES = ("slide", "subslide", "fragment", "skip", "notes", "-")


class ExportError(ValueError):
    """A notebook that cannot be exported; the message names the notebook and the cell."""


@dataclass(frozen=True)
class Place:
    """A cell and where it stands, for errors and for what is relative to the notebook.

    Attributes:
        notebook: the notebook's name.
        index: the cell's number, from 0.
        cell: the cell itself.
    """

    notebook: str
    index: int
    cell: NotebookNode

    def __str__(self) -> str:
        name = self.cell.get("id")
        return f"{self.notebook}, cell {self.index + 1}" + (f" ({name})" if name else "")

    @property
    def ours(self) -> dict[str, Any]:
        """What the course says of the cell beside its slide type."""
        return dict(self.cell.metadata.get("unrolled", {}))

    @property
    def shows_code(self) -> bool:
        """Whether the cell's code is shown: it has some, and it is not hidden."""
        hidden = self.cell.metadata.get("jupyter", {}).get("source_hidden", False)
        return self.cell.cell_type == "code" and bool(self.cell.source.strip()) and not hidden


#: What of a cell a step of a slide shows.
Part = Literal["all", "source", "outputs"]


@dataclass
class Group:
    """What appears together: the slide's first cells, or one fragment.

    Visible code comes first and its outputs with the next click: one may ask what they will be.
    """

    fragment: bool
    shown: list[tuple[Place, Part]] = field(default_factory=list)

    @property
    def places(self) -> list[Place]:
        """The cells that begin in it; one whose outputs alone it shows has begun before."""
        return [place for place, part in self.shown if part != "outputs"]

    @property
    def steps(self) -> Iterator[Group]:
        """This group, cut wherever the outputs of visible code come."""
        step = Group(self.fragment)
        for place, _ in self.shown:
            if place.shows_code and place.cell.get("outputs"):
                step.shown.append((place, "source"))
                yield step
                step = Group(True, [(place, "outputs")])
            else:
                step.shown.append((place, "all"))
        if step.shown:
            yield step


@dataclass
class Slide:
    """One slide: what it shows, and what its lecturer says."""

    groups: list[Group] = field(default_factory=list)
    notes: list[Place] = field(default_factory=list)

    @property
    def places(self) -> Iterator[Place]:
        """The cells that the slide shows, in order."""
        for group in self.groups:
            yield from group.places

    @property
    def section(self) -> str:
        """Whether it begins a section: ``core`` or ``appendix``, else empty."""
        return next((s for p in self.places if (s := str(p.ours.get("section", "")))), "")

    @property
    def minutes(self) -> int:
        """The minutes that its notes plan, for all slides since the last ones that did."""
        return sum(int(note.ours.get("minutes", 0)) for note in self.notes)


def slide_type(place: Place) -> str:
    """Return a cell's slide type; ``-`` when it has none.

    Raises:
        ExportError: the type is not one of `SLIDE_TYPES`.
    """
    kind = str(place.cell.metadata.get("slideshow", {}).get("slide_type") or "-")
    if kind not in SLIDE_TYPES:
        raise ExportError(f"{place}: unknown slide type {kind!r}; it is one of {SLIDE_TYPES}")
    return kind


def on_paper(place: Place) -> bool:
    """Whether pages and handouts show a cell: not what slides skip, nor what is for slides alone.

    A list of all works is for paper and skipped by slides; a slide with few of them is not for
    paper.
    """
    shown = place.ours.get("shown")
    return shown == "paper" or (shown != "slides" and slide_type(place) != "skip")


def places(notebook: NotebookNode, name: str) -> list[Place]:
    """Return the notebook's cells with their places."""
    return [Place(name, index, cell) for index, cell in enumerate(notebook.cells)]


def stacks(notebook: NotebookNode, name: str) -> list[list[Slide]]:
    """Return the slides of a notebook: each list is a slide and the subslides below it.

    Raises:
        ExportError: no cell of the notebook is on a slide.
    """
    found: list[list[Slide]] = []
    for place in places(notebook, name):
        kind = slide_type(place)
        empty = not place.cell.source.strip() and not place.cell.get("outputs")
        if kind == "skip" or place.cell.cell_type == "raw" or empty:
            continue
        if kind == "notes":
            if found:
                found[-1][-1].notes.append(place)
            continue
        if kind == "slide" or not found:
            found.append([Slide([Group(fragment=False)])])
        elif kind == "subslide":
            found[-1].append(Slide([Group(fragment=False)]))
        elif kind == "fragment":
            found[-1][-1].groups.append(Group(fragment=True))
        found[-1][-1].groups[-1].shown.append((place, "all"))
    if not found:
        raise ExportError(f"{name}: no cell is on a slide")
    for stack in found:
        for slide in stack:
            slide.groups = [step for group in slide.groups for step in group.steps]
    return found


def count(notebook: NotebookNode) -> int:
    """Return how many slides a notebook has, subslides included."""
    return sum(len(stack) for stack in stacks(notebook, "notebook"))


#: Outputs that the exporters can show, the best first.
SHOWN = (
    "text/markdown",
    "image/svg+xml",
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "text/latex",
    "text/plain",
)
_OBJECT = re.compile(
    r"<(?:[\w.]+ at 0x[0-9a-f]+|IPython\.[\w.]+ object)>|\w+\(children=|<Figure size"
)


def shown(
    output: dict[str, Any], place: Place, say: Callable[[Place, str], None] | None = None
) -> tuple[str, str, dict[str, Any]]:
    """Return how an output is shown: its MIME type, its data, that type's metadata.

    Printed text has the type ``text/plain``, what went to the error stream ``text/stderr``;
    an output that cannot be shown is an empty ``text/plain``.

    Args:
        output: one of the cell's outputs.
        place: the cell.
        say: takes what cannot be shown (see :class:`press.exports.losses.Losses`); without it,
            that is an error.

    Raises:
        ExportError: none of the output's types can be shown, or a picture has no alt text.
    """
    say = say or _refuse
    kind = output["output_type"]
    if kind == "stream":
        text = "".join(output["text"])
        return ("text/stderr" if output["name"] == "stderr" else "text/plain"), text, {}
    if kind == "error":
        return "text/stderr", "\n".join(output["traceback"]), {}
    for mime in SHOWN:
        if mime not in output["data"]:
            continue
        data = "".join(output["data"][mime])
        extra = dict(output.get("metadata", {}).get(mime, {}))
        if mime.startswith("image/"):
            extra["alt"] = named(output, mime, place, say)
        others = [key for key in output["data"] if key not in SHOWN]
        if mime == "text/plain" and others and _OBJECT.match(data.strip()):
            say(place, f"an output of type {', '.join(others)} cannot be shown, only its name")
        return mime, data, extra
    say(
        place,
        f"an output of type {', '.join(output['data'])} cannot be shown; "
        f"the types that can are {', '.join(SHOWN)}",
    )
    return "text/plain", "", {}


def named(
    output: dict[str, Any],
    mime: str,
    place: Place,
    say: Callable[[Place, str], None] | None = None,
) -> str:
    """Return what an output shows or plays, in words: its own alt text or its cell's.

    Raises:
        ExportError: there is none, and nothing takes what cannot be shown.
    """
    extra = output.get("metadata", {}).get(mime, {})
    alt = str(extra.get("alt") or _alt(place)).strip()
    if not alt:
        what = "a sound" if mime == "text/html" else "a picture"
        (say or _refuse)(
            place,
            f"{what} has no alt text; give the cell `alt`: in a source as "
            "`alt: {pl: …, en: …}`, in a notebook as the key `alt` of the cell's metadata",
        )
    return alt


def _refuse(place: Place, text: str) -> None:
    raise ExportError(f"{place}: {text}")


def _alt(place: Place) -> str:
    """Return the alt text that a cell's metadata give its pictures."""
    given = place.cell.metadata.get("alt", "")
    return str(next(iter(given.values()), "")) if isinstance(given, dict) else str(given)
