"""From one source to its editions: a notebook for each language and audience.

Nothing here reads or writes a notebook's file: `render` makes an edition from a source, `dress`
puts a run's outputs into it. `execute` runs, `kept` knows what is on disk.
"""

from __future__ import annotations

import copy
import dataclasses
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from press.sources import bibliography, sounds, tint
from press.sources import source as src
from press.sources.source import Cell, Problem, Source, SourceError
from press.sources.text import glue
from press.words import WORDS
from unrolled import animation
from unrolled.messages import LANGUAGES, METADATA_KEY, Language

#: How the slides of a lecture are shown by RISE (the `rise` key of a notebook's metadata).
RISE = {
    "center": False,
    "enable_chalkboard": True,
    "scroll": True,
    "slideNumber": "c/t",
    "start_slideshow_at": "beginning",
    "theme": "white",
    "transition": "fade",
}
STUB = "# your code here\n{indent}raise NotImplementedError"
STUB_AT_MARGIN = "# your code here"


@dataclass(frozen=True)
class Edition:
    """Which notebook of a source: its language and its audience."""

    language: Language
    audience: str  # "lecture", "student" or "solutions"

    def path(self, source: Source, root: Path) -> Path:
        """Return where the notebook lies below the root of the repository."""
        folder = root / f"{source.kind}s" / self.language
        if self.audience == "solutions":
            folder /= "solutions"
        return folder / f"{source.name}.ipynb"

    @property
    def executed(self) -> bool:
        """Whether the edition holds outputs; a student's is for the student to run."""
        return self.audience != "student"


def editions(source: Source) -> list[Edition]:
    """Return the editions of a source; the executed ones come first."""
    audiences = ["lecture"] if source.kind == "lecture" else ["solutions", "student"]
    return [Edition(lang, audience) for audience in audiences for lang in LANGUAGES]


def render(source: Source, edition: Edition) -> NotebookNode:
    """Return the notebook of an edition, without outputs.

    Args:
        source: the lecture or lab.
        edition: the language and the audience.
    """
    lang, audience = edition.language, edition.audience
    depth = len(edition.path(source, Path()).parts) - 1  # folders below the root
    cells = [*_front(source, edition)]
    for cell in source.cells:
        if "hidden" in cell.tags:
            continue
        cells.append(_cell(cell, lang, audience, depth))
        if source.by_edition and cell.kind == "code":
            said = src.LANGUAGE_LINE.sub(f'LANGUAGE = "{lang}"', cells[-1]["source"])
            cells[-1]["source"] = said
        if cell.section:
            _agenda(cells[-1], cell, source, lang)
    cells += _back(source, lang)
    unrolled: dict[str, Any] = {
        "edition": audience,
        "kind": source.kind,
        "minutes": source.minutes,
        "number": source.number,
        "slug": source.slug,
        "source": f"{source.kind}s/{source.name}.md",
        "subtitle": glue(source.subtitle[lang]) if lang == "pl" else source.subtitle[lang],
    }
    metadata: dict[str, Any] = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language": lang,
        "language_info": {"name": "python"},
        "title": source.title[lang],
        "unrolled": unrolled,
    }
    if source.kind == "lecture":
        metadata["rise"] = RISE
    return nbformat.from_dict(
        {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    )


def dress(notebook: NotebookNode, outputs: dict[str, dict[str, Any]], source: Source) -> None:
    """Put a run's outputs into an edition, each in the edition's language.

    Args:
        notebook: an edition without outputs; changed in place.
        outputs: by cell id, `execution_count` and `outputs` of the run.
        source: where `alt` texts come from.

    Raises:
        SourceError: a cell shows a picture and has no `alt`.
    """
    lang: Language = notebook.metadata["language"]
    cells = {c.id: c for c in source.cells}
    problems = []
    for node in notebook.cells:
        if node.cell_type != "code" or node.id not in outputs:
            continue
        ran = outputs[node.id]
        node.execution_count = ran["execution_count"]
        node.outputs = [_output(out, lang) for out in ran["outputs"]]
        for out in node.outputs:
            for kind in _named(out):
                alt = cells[node.id].metadata.get("alt")
                if not alt:
                    line = cells[node.id].line
                    problems.append(
                        Problem(
                            source.path,
                            line,
                            "the cell shows a figure or plays a sound and has no `alt`",
                        )
                    )
                else:
                    out.metadata[kind] = {"alt": alt[lang]}
                    _name(out, alt[lang])
    if problems:
        raise SourceError(problems)


def _named(out: NotebookNode) -> list[str]:
    """Return the types of an output that must say in words what they show or play."""
    data = out.get("data", {})
    heard = sounds.wav(data.get("text/html", "")) is not None
    return [k for k in ("image/png", "image/svg+xml") if k in data] + ["text/html"] * heard


def _name(out: NotebookNode, alt: str) -> None:
    """Put the alt text into an animation, for those who read the notebook itself."""
    player = animation.read(out["data"].get("text/html", ""))
    if player is not None:
        out["data"]["text/html"] = dataclasses.replace(player, alt=alt).html()


def _output(raw: dict[str, Any], lang: Language) -> NotebookNode:
    out = copy.deepcopy(raw)
    extra = out.get("metadata", {}).pop(METADATA_KEY, None)
    if extra:
        out["data"] = extra["variants"][lang]
    if "metadata" in out:
        out["metadata"] = {}
    if out.get("output_type") == "execute_result":
        out["execution_count"] = raw["execution_count"]
    data = out.get("data", {})
    if "image/png" in data:
        data["image/png"] = data["image/png"].strip() + "\n"
    return nbformat.from_dict(out)


# Cells -------------------------------------------------------------------------------------


def _front(source: Source, edition: Edition) -> list[dict[str, Any]]:
    """Return the title cell and the cell of objectives, made from the header."""
    lang = edition.language

    def say(key: str) -> str:
        return WORDS[lang][key]

    kind = f"{say(source.kind)} {source.number}"
    if edition.audience == "solutions":
        kind += f" · {say('with solutions')}"
    title = f"# {source.title[lang]}\n\n{source.subtitle[lang]}\n\nUnrolled · {kind}"
    heading = say("objectives" if source.kind == "lecture" else "lab objectives")
    objectives = "\n".join(f"- {item[lang]}" for item in source.objectives)
    needed = "; ".join(item[lang] for item in source.prerequisites)
    goals = (
        f"## {heading}\n\n{say('you')}\n\n{objectives}\n\n"
        f"**{say('prerequisites')}:** {needed}. "
        f"**{source.minutes} {say('minutes')}.**"
    )
    first = _markdown("title", title, lang, "slide" if source.kind == "lecture" else "-")
    if source.drawing:
        first["metadata"]["unrolled"] = {"drawing": f"../../img/{lang}/{source.drawing}.svg"}
    return [
        first,
        _markdown("objectives", goals, lang, "slide" if source.kind == "lecture" else "-"),
    ]


def _agenda(made: dict[str, Any], cell: Cell, source: Source, lang: Language) -> None:
    """Put the agenda below a section's heading, and say which section it is."""
    appendix = "appendix" in cell.metadata
    made["metadata"]["unrolled"] = {"section": "appendix" if appendix else "core"}
    if appendix:
        return
    rows = []
    for other in source.sections:
        title = other.text[lang].strip().removeprefix("# ")
        if "appendix" not in other.metadata:
            rows.append(f"1. **{title}**" if other is cell else f"1. {title}")
    agenda = "\n".join(rows)
    made["source"] += "\n\n" + (glue(agenda) if lang == "pl" else agenda)


def _back(source: Source, lang: Language) -> list[dict[str, Any]]:
    """Return the works that a source cites: all of them to read, and few of them on a slide."""
    keys = [key for cell in source.cells for key in bibliography.cited(cell.text.get(lang, ""))]
    if not keys:
        return []
    heading = f"## {WORDS[lang]['references']}"
    every = "\n".join(f"- {line}" for line in bibliography.references(keys, lang))
    if source.kind == "lab":
        return [_markdown("references", f"{heading}\n\n{every}", lang, "-")]
    often = [key for key, _ in Counter(keys).most_common(bibliography.ON_A_SLIDE)]
    few = "\n".join(f"- {line}" for line in bibliography.references(often, lang))
    more = "" if len(set(keys)) == len(often) else f"\n\n{WORDS[lang]['more works']}"
    slide = _markdown("references", f"{heading}\n\n{few}{more}", lang, "slide")
    slide["metadata"]["unrolled"] = {"shown": "slides"}
    paper = _markdown("all-references", f"{heading}\n\n{every}", lang, "skip")
    paper["metadata"]["unrolled"] = {"shown": "paper"}
    return [slide, paper]


def _markdown(cell_id: str, text: str, lang: Language, slide_type: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    if slide_type != "-":
        metadata["slideshow"] = {"slide_type": slide_type}
    return {
        "cell_type": "markdown",
        "id": cell_id,
        "metadata": metadata,
        "source": glue(text) if lang == "pl" else text,
    }


def _cell(cell: Cell, lang: Language, audience: str, depth: int) -> dict[str, Any]:
    if cell.kind == "markdown":
        text = tint.coloured(bibliography.put_citations(cell.text[lang], lang))
        if audience == "student":
            text = re.sub(
                rf"{src.BEGIN_PROSE}.*?{src.END_PROSE}",
                WORDS[lang]["your answer"],
                text,
                flags=re.DOTALL,
            )
        else:
            text = re.sub(rf"{src.BEGIN_PROSE}\n*|\n*{src.END_PROSE}", "", text)
        text = re.sub(r"(!\[[^\]]*\]\()\.\./", r"\1" + "../" * depth, text)
        if "minutes" in cell.metadata:
            text = f"**({cell.metadata['minutes']} {WORDS[lang]['minutes']})** {text}"
        made = _markdown(cell.id, text, lang, cell.slide_type)
        if "minutes" in cell.metadata:
            made["metadata"]["unrolled"] = {"minutes": cell.metadata["minutes"]}
        return made
    metadata: dict[str, Any] = {}
    if cell.slide_type != "-":
        metadata["slideshow"] = {"slide_type": cell.slide_type}
    if cell.metadata.get("jupyter"):
        metadata["jupyter"] = dict(cell.metadata["jupyter"])
    if cell.tags:
        metadata["tags"] = cell.tags
    if cell.metadata.get("steps"):
        metadata["unrolled"] = {"steps": str(cell.metadata["steps"])}
    code = unsolved(cell.code) if audience == "student" else solved(cell.code)
    return {
        "cell_type": "code",
        "id": cell.id,
        "metadata": metadata,
        "source": code,
        "execution_count": None,
        "outputs": [],
    }


def solved(code: str) -> str:
    """Return an exercise with its solution, without the two marker lines."""
    return re.sub(rf"^[ \t]*{src.BEGIN}[ \t]*\n|\n?^[ \t]*{src.END}[ \t]*$", "", code, flags=re.M)


def unsolved(code: str) -> str:
    """Return an exercise as a student gets it: each solution replaced by a stub."""

    def stub(match: re.Match[str]) -> str:
        indent = match[1]
        return indent + STUB.format(indent=indent) if indent else STUB_AT_MARGIN

    return re.sub(
        rf"^([ \t]*){src.BEGIN}[ \t]*\n.*?^[ \t]*{src.END}[ \t]*$",
        stub,
        code,
        flags=re.MULTILINE | re.DOTALL,
    )
