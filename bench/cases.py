"""Faults that others have reported of notebook exporters, tried on ours: ``python -m bench.cases``.

Each case is a small notebook of our own with the fault of a public thread in it. It is exported as
a deck, a page, slides and a handout as PDF, and shown live (RISE) in a browser; what each of them
shows is looked at, and ``bench/CASES.md`` says it. Without a browser: ``--no-rise``, that column is
then kept as it is.

A case that shows less than it must makes the exit status 1.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import nbformat.v4 as v4
from nbformat import NotebookNode
from PIL import Image, ImageDraw
from pypdf import PdfReader

from press.exports.export import export
from press.exports.live import presented
from press.exports.losses import LOG
from press.exports.slides import ExportError
from press.notebooks.readme import put

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "bench" / "CASES.md"
FORMATS = {
    "deck": "deck",
    "page": "page",
    "slides, PDF": "slides-pdf",
    "handout, PDF": "handout-pdf",
    "live (RISE)": "rise",
}


def prose(text: str) -> NotebookNode:
    """Return a cell of text that begins a slide."""
    return v4.new_markdown_cell(text, metadata={"slideshow": {"slide_type": "slide"}})


def code(text: str, *outputs: NotebookNode, **metadata: Any) -> NotebookNode:
    """Return a cell of code, run, that begins a slide."""
    metadata = {"slideshow": {"slide_type": "slide"}, **metadata}
    return v4.new_code_cell(text, outputs=list(outputs), execution_count=1, metadata=metadata)


def printed(text: str) -> NotebookNode:
    """Return an output that was printed."""
    return v4.new_output("stream", text=text)


def shown(**data: str) -> NotebookNode:
    """Return an output of several types; ``image_png`` means ``image/png``."""
    bundle = {key.replace("_", "/", 1): value for key, value in data.items()}
    return v4.new_output("display_data", data=bundle)


@cache
def drawn(kind: str, number: int = 0) -> bytes:
    """Return a small picture, a line that rises, as a file of some kind; each number another."""
    image = Image.new("RGB", (300, 200), "white")
    ImageDraw.Draw(image).line([(10, 190 - 30 * number), (290, 10)], fill="#0b57a4", width=6)
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def base(number: int = 0) -> str:
    """Return a small picture (PNG) in base64."""
    return base64.b64encode(drawn("PNG", number)).decode()


@dataclass(frozen=True)
class Case:
    """A fault that others have met.

    Attributes:
        thread: where it was reported, or in which files it was found.
        fault: what was wrong with the first version of our exports.
        cells: a notebook with the fault's cause.
        words: what every output must show, in this order.
        never: what no output may show (regular expressions).
        pictures: how many pictures every output must show.
        named: what cannot be shown, of which every export must say so (regular expressions).
        live: what JupyterLab shows instead, whose Markdown the live view takes as it is.
    """

    thread: str
    fault: str
    cells: tuple[NotebookNode, ...]
    words: tuple[str, ...]
    never: tuple[str, ...] = ()
    pictures: int = 0
    named: tuple[str, ...] = ()
    live: str = ""


TITLE = prose("# A talk\n\nBy somebody")


def _attached() -> NotebookNode:
    cell = prose("## Pasted\n\n![A line that rises](attachment:image.png)\n\nBelow it.")
    cell["attachments"] = {"image.png": {"image/png": base()}}
    return cell


def _sums(count: int) -> str:
    return " + ".join(f"w_{{{n}}} x_{{{n}}}" for n in range(count))


_BAR = "".join(f"Epoch 1/1: {10 * n:3d}%|{'#' * n:10}| {n}/10\r" for n in range(10))
_WIDE = "|".join(f" feature {n} " for n in range(25))
CASES = (
    Case(
        "nbconvert #159, #232, nbviewer #590",
        "`\\begin{align}` without dollars: the PDFs printed its source, without backslashes",
        (
            TITLE,
            prose(
                "## Chain rule\n\nBefore it.\n\n\\begin{align}\na_t &= W h_{t-1} + b \\\\\n"
                "h_t &= \\tanh(a_t)\n\\end{align}\n\nAfter it."
            ),
        ),
        ("Before it", "After it"),
        ("begin\\{align", r"\\tanh", "align"),
    ),
    Case(
        "nbconvert #771, goldmark-extensions #17, QuantEcon lecture-python.rst #304",
        "a line of `$$…$$` that begins with `=`, `-`, `>`, `1.`: the PDFs made headings and lists "
        "of it",
        (
            TITLE,
            prose(
                "## Lines\n\nFirst:\n\n$$\nh_t\n=\n\\tanh(W x_t)\n$$\n\nSecond:\n\n$$\nL = a\n- b\n"
                "+ c\n$$\n\nThird:\n\n$$\nz = 1\n> 0\n$$\n\nEnd."
            ),
        ),
        ("Lines", "First:", "Second:", "Third:", "End."),
        (r"\$\$", r"\\tanh"),
    ),
    Case(
        "nbconvert #1522, #749",
        "`\\\\(…\\\\)`, `\\\\[…\\\\]` and `$$` with empty lines: the PDFs printed the source",
        (
            TITLE,
            prose(
                "## Delimiters\n\nInline \\\\(a_t = W x_t\\\\) and\n\n\\\\[ h_t = \\tanh(a_t) "
                "\\\\]\n\nMiddle.\n\n$$\n\nx = 1\n\n$$\n\nWith spaces $ y = 2 $, price \\$5."
            ),
        ),
        ("Inline", "Middle.", "With spaces", "price $5"),
        (r"\$\$", r"\\tanh", r"\\\("),
        live="all shown but `$$` with empty lines, which JupyterLab prints",
    ),
    Case(
        "pandoc #10639, #9506, #11774",
        "a rule `---` in prose: no PDF, “unknown variable: horizontalrule”",
        (TITLE, prose("## Rule\n\nAbove.\n\n---\n\nBelow.")),
        ("Above.", "Below."),
        ("---",),
    ),
    Case(
        "nbconvert #1893, #11, #790, #468",
        "links inside a notebook: no PDF; dead in the deck and the page",
        (
            TITLE,
            prose("## Contents\n\n- [to one](#First-part)\n- [to two](#second-part)"),
            prose("## First part\n\nWords one."),
            prose("## Second part\n\nBack to [the first](#First-part)."),
        ),
        ("to one", "to two", "Words one.", "Back to"),
        ("First-part",),
    ),
    Case(
        "pandoc #6384, #5495, bookdown #897",
        "one reference label in two cells: all links of the PDFs led to the first address",
        (
            TITLE,
            prose("## One\n\nSee [the first][1].\n\n[1]: https://example.org/first"),
            prose("## Two\n\nSee [the second][1], x[1].\n\n[1]: https://example.org/second"),
            prose("## Three\n\nAs note [1] says."),
        ),
        ("the first", "the second", "As note [1] says"),
    ),
    Case(
        "texmath #286, mystmd #2876, pandoc #10063",
        "two sets with bars in one formula: no PDF, “unclosed delimiter”",
        (TITLE, prose("## Sets\n\n$$A = \\{x | x > 0\\}, \\quad B = \\{y | y < 1\\}$$\n\nEnd.")),
        ("Sets", "End."),
    ),
    Case(
        "texmath #295",
        "`\\;` had no width in the PDFs: “x if y” became “xify”",
        (TITLE, prose("## Space\n\n$$x \\;\\text{if}\\; y$$\n\nEnd.")),
        ("Space", "End."),
        ("[x𝑥]if", "if[y𝑦]"),
    ),
    Case(
        "nbconvert #1057, #2131, #328",
        "HTML in Markdown: tags and private comments were printed, in the PDFs whole parts lost",
        (
            TITLE,
            prose(
                "## Layers<a id='layers'></a>\n\n<!-- note to self -->\nFirst<br>second, "
                "H<sub>2</sub>O.\n\n"
                '<img src="figs/line.png" width="300" alt="A line that rises">\n\n'
                '<div class="alert">\n<b>Note:</b> read <a href="https://example.org">this</a>.\n'
                "</div>\n\n<center><h3>Middle</h3></center>\n\nA &lt; B"
            ),
        ),
        ("Layers", "First", "second", "Note:", "this", "Middle", "A < B"),
        ("note to self", "<br", "<div", "<center"),
        1,
        ("<div>",),
    ),
    Case(
        "nbconvert #1057 (its files)",
        "a style sheet in a cell: printed in HTML, dropped in the PDFs, no word about it",
        (TITLE, prose("<style>\n.reveal { color: red }\n</style>\n\n## Styled\n\nWords.")),
        ("Styled", "Words."),
        (r"color: red",),
        0,
        ("<style>",),
    ),
    Case(
        "files of the readers",
        "a comment, a script and fences that are never closed: they reached into other cells",
        (
            TITLE,
            prose("## One\n\nSeen\n\n```python\nx = 1"),
            prose("## Two\n\nSeen too\n\n~~~python\ny = 1"),
            prose("## Three\n\nThe last."),
        ),
        ("Seen", "x = 1", "Two", "Seen too", "y = 1", "Three", "The last."),
    ),
    Case(
        "nbconvert #1079, #1803, nbdev #500",
        "a picture pasted into a cell: refused as “on another host”",
        (TITLE, _attached()),
        ("Pasted", "Below it."),
        (),
        1,
    ),
    Case(
        "nbconvert #1803 (its files)",
        "pictures as data, with spaces and Polish letters in their names, with a query, with "
        "another ending than their kind: refused",
        (
            TITLE,
            prose(f"## Data\n\n![A line that rises](data:image/png;base64,{base()})"),
            prose("## Space\n\n![A line that rises](<figs/with space ąę.png>)"),
            prose("## Query\n\n![A line that rises](figs/line.png?raw=true)"),
            prose("## Kind\n\n![A line that rises](figs/really_png.jpg)"),
            prose("## Moving\n\n![A line that rises](figs/moving.gif)"),
        ),
        ("Data", "Space", "Query", "Kind", "Moving"),
        (r"base64,",),
        5,
        live="all shown but `line.png?raw=true`, of which JupyterLab shows the alt text",
    ),
    Case(
        "34 of 110 public notebooks",
        "figures without an alt text: refused, and the advice did nothing outside a source",
        (
            TITLE,
            code("plot()", shown(image_png=base()), alt="A line that rises"),
            code("again()", shown(image_png=base(1))),
            prose("## End\n\nThe last."),
        ),
        ("plot()", "again()", "The last."),
        (),
        2,
        ("no alt text",),
    ),
    Case(
        "files of the readers",
        "a table of pandas, a video, a widget: refused, or their names without a word",
        (
            TITLE,
            code("df", shown(text_html="<table><tr><td>Łódź</td></tr></table>", text_plain="Łódź")),
            code(
                "video",
                shown(
                    text_html="<iframe src='https://example.org'></iframe>",
                    text_plain="<IPython.lib.display.YouTubeVideo at 0x7f>",
                ),
            ),
            prose("## End\n\nThe last."),
        ),
        ("df", "Łódź", "video", "The last."),
        (),
        0,
        ("only its name",),
    ),
    Case(
        "nbconvert #228, nlmod #312, keras #5906, stellargraph #842",
        "progress bars and codes for a terminal: eleven states, boxes, escapes",
        (
            TITLE,
            code("fit()", printed(f"{_BAR}Epoch 1/1: 100%|##########| 10/10\n")),
            code("more()", printed("loss 0.9\b\b\b0.1\n\x1b[?25l\x1b[38;5;208mORANGE\x1b[0m\n")),
            code("link()", printed("\x1b]8;;https://example.org\x1b\\a link\x1b]8;;\x1b\\ end\n")),
        ),
        ("100%", "loss 0.1", "ORANGE", "a link", "end"),
        ("90%", "0.9", r"\[38", r"\?25l", r"\]8;"),
        live="all shown, but JupyterLab prints the address and codes of a terminal's link",
    ),
    Case(
        "typst #5137, #3004, #2105",
        "characters that no font has: boxes in the PDFs without a word",
        (
            TITLE,
            prose("## Signs\n\nПривет αβγ tiếng Việt zażółć → ✓ ☐"),
            prose("## Others\n\n隐藏 🚀 words"),
        ),
        ("Привет", "tiếng Việt zażółć", "words"),
        (),
        0,
        ("U\\+9690|deck|page",),
    ),
    Case(
        "RISE #629, #647, #400",
        "what is longer or wider than a slide: cut off without a scroll bar, in the PDF as well",
        (
            TITLE,
            code("fit()", printed("".join(f"epoch {n} of many\n" for n in range(150)))),
            prose(f"## Wide formula\n\n$${_sums(60)}$$"),
            prose(f"## Wide table\n\n|{_WIDE}|\n|{'---|' * 25}\n|{_WIDE}|"),
        ),
        ("epoch 0 of many", "epoch 149 of many", "Wide formula", "Wide table", "feature 24"),
    ),
    Case(
        "public notebooks of which every slide begins with `#`",
        "taken for title slides: the last paragraph stood above its heading",
        (
            TITLE,
            prose("# Gradients\n\nFirst words.\n\nSecond words.\n\nThird words."),
            prose("# Remedies\n\n1. clip\n2. gate\n\nLast words."),
        ),
        ("Gradients", "First words", "Third words", "Remedies", "clip", "gate", "Last words"),
    ),
    Case(
        "m2dsupsdlclass/lectures-labs",
        "a first cell with code, a list, a table, a picture: taken apart, printed as source",
        (
            prose(
                "# Nets in *Keras*\n\nInstall:\n\n```bash\npip a\n\npip b\n```\n\n- **one**\n- two"
                "\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> ![A line that rises](figs/line.png)\n\n"
                "See [site](https://example.org)."
            ),
            prose("## Next\n\nThe last."),
        ),
        ("Nets in", "Install:", "pip a", "pip b", "one", "See", "The last."),
        (r"\*\*", r"\]\(", r"\*Keras"),
        1,
    ),
)
#: Faults that are no matter of one notebook's look: what failed, and the tests that hold it now.
HELD = (
    (
        "jupytext #376, #330, #1247",
        "saving a source in JupyterLab deleted the course's part of its header",
        ("test_reading.py::test_saving_a_source_in_jupyterlab_loses_nothing",),
    ),
    (
        "what Jupyter Books write",
        "directives, roles, labels, footnotes, definition lists passed the check and were printed",
        ("test_reading.py::test_what_no_output_shows_is_refused_with_file_line_and_cell",),
    ),
    (
        "jupytext #377, notebook #164, gitattributes #173",
        "a clone with Windows' line ends: every notebook seemed out of date",
        (
            "test_reading.py::test_line_ends_and_a_mark_in_front_do_not_matter",
            "test_reading.py::test_clones_on_windows_have_the_same_bytes",
        ),
    ),
    (
        "mkdocs #531, #1892",
        "a source in Windows-1250 or UTF-16: a traceback that named no file",
        ("test_reading.py::test_another_encoding_is_named_and_other_sources_are_checked",),
    ),
    (
        "(our own)",
        "Python 3.11, section 2.3, 31.01.2024, (8,16,32): taken for numbers that differ",
        (
            "test_reading.py::test_what_is_right_is_no_false_alarm",
            "test_reading.py::test_numbers_that_differ_are_still_refused",
        ),
    ),
    (
        "pooch #411, chai-lab #81, pyvista #8987",
        "two processes fetched one file: the second died",
        ("test_data_transfer.py::test_two_that_want_the_same_file_fetch_it_once",),
    ),
    (
        "reveal.js #3772",
        "the deck was announced as an application: readers of screens lost their reading mode",
        ("test_deck_keys.py::test_the_deck_is_a_text_and_no_application",),
    ),
    (
        "cocalc #4588, #4951, notebook #4400",
        "`exit()` in an answer: other exercises lost points, each run others",
        ("test_grading_run.py::test_every_submission_gets_what_it_must",),
    ),
    (
        "nbgrader #1844",
        "a second try in a new cell was praised by `check` and brought nothing",
        ("test_grading_run.py::test_what_the_last_check_was_given_is_graded_wherever_it_stands",),
    ),
    (
        "nbgrader #938, cocalc #4824",
        "the table of marks had six columns of one name",
        ("test_grading_files.py::test_every_lab_has_columns_of_its_own_and_a_row_fills_no_others",),
    ),
)


# Exports -------------------------------------------------------------------------------------


def notebook(case: Case) -> NotebookNode:
    """Return a case's notebook, as others write them: nothing of ours in its metadata."""
    cells = [NotebookNode({**cell, "id": f"c{n}"}) for n, cell in enumerate(case.cells)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def pictures_into(folder: Path) -> None:
    """Write the pictures that the notebooks link."""
    figs = folder / "figs"
    figs.mkdir(parents=True, exist_ok=True)
    names = ("line.png", "with space ąę.png", "really_png.jpg", "moving.gif")
    for number, name in enumerate(names, 1):
        kind = "GIF" if name.endswith("gif") else "PNG"
        (figs / name).write_bytes(drawn(kind, number))


class _Said(logging.Handler):
    """Keeps what the exporters say."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def text_of(path: Path) -> tuple[str, int]:
    """Return the words of an export, joined by single spaces, and how many pictures it shows."""
    if path.suffix == ".pdf":
        pages = PdfReader(path).pages
        text = " ".join(page.extract_text() for page in pages)
        return " ".join(text.split()), sum(len(page.images) for page in pages)
    html = path.read_text(encoding="utf-8")
    body = html[html.index("<body") :]
    body = re.sub(r"(?s)<script.*?</script>|<style.*?</style>|<math.*?</math>", "", body)
    text = re.sub(r"<[^>]+>", " ", body)
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&#x27;", "'"), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return " ".join(text.split()), len(re.findall(r"<img\b", body))


def judged(case: Case, text: str, pictures: int) -> list[str]:
    """Return what is not right with what an output of a case shows."""
    wrong = []
    place = 0
    for word in case.words:
        at = text.find(word, place)
        if at < 0:
            wrong.append(f"“{word}” is missing or out of order")
        else:
            place = at
    wrong += [f"shows “{found[0]}”" for p in case.never if (found := re.search(p, text))]
    if pictures != case.pictures:
        wrong.append(f"{pictures} of {case.pictures} pictures")
    return wrong


def dead(path: Path) -> list[str]:
    """Return the links inside a deck or a page that lead nowhere."""
    if path.suffix == ".pdf":
        return []  # no PDF is made of a document with such a link
    html = path.read_text(encoding="utf-8")
    links = re.findall(r'<a href="#/?([^"]+)"', html)
    return [f"the link #{link} is dead" for link in links if f'id="{link}"' not in html]


def exported(case: Case, to: str) -> tuple[str, bool]:
    """Export a case and return what is to be said of it, and whether it is right."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        path = folder / "case.ipynb"
        nbformat.write(notebook(case), path)
        pictures_into(folder)
        handler = _Said()
        LOG.addHandler(handler)
        try:
            made = export(path, folder / "out", to)
        except ExportError as error:
            return f"refused: {error}", False
        finally:
            LOG.removeHandler(handler)
        wrong = judged(case, *text_of(made)) + dead(made)
    said = [re.sub(r"^\S*case\.ipynb, ", "", line) for line in handler.lines]
    wrong += [f"does not name {n}" for n in case.named if not re.search(n, " ".join([*said, to]))]
    if wrong:
        return "; ".join(wrong), False
    return ("shown; says: " + " · ".join(map(_short, said)) if said else "shown"), True


def _short(text: str) -> str:
    """Return a remark of an export without what belongs to the cell's id, at most 110 letters."""
    text = re.sub(r" \(c\d+\)", "", text).replace("|", "\\|")
    text = text.replace("<", "`<", 1).replace(">", ">`", 1) if "<" in text else text
    return text if len(text) <= 110 else text[:109] + "…"


# Live ----------------------------------------------------------------------------------------

#: What a slide of the live view shows: words, whole pictures, what is cut off at its side.
LOOK = """() => {
  const slide = document.querySelector('section.present > section.present');
  const seen = el => el.getClientRects().length > 0;
  const words = root => { // as one reads them: from above, from the left
    const found = [], walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode());) {
      const range = document.createRange();
      range.selectNodeContents(node);
      const at = range.getClientRects()[0];
      if (!at || !node.textContent.trim() || node.parentElement.closest('mjx-container')) continue;
      if (getComputedStyle(node.parentElement).visibility === 'hidden') continue;
      found.push([Math.round((at.top + at.bottom) / 16), at.left, at.right, node.textContent]);
    }
    found.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    return found.map(([row, left, , text], i) => {
      const [above, , right] = found[i - 1] || [];
      return (row === above && left - right < 2 ? '' : ' ') + text;
    }).join('');
  };
  const edge = slide.getBoundingClientRect().right + 1;
  const reached = el => { for (let at = el; at && at !== slide.parentElement; at = at.parentElement)
    if (/auto|scroll/.test(getComputedStyle(at).overflowX) && at.scrollWidth > at.clientWidth)
      return true;
    return false; };
  return {
    number: Number(slide.dataset.number.split('/')[0]),
    total: Number(slide.dataset.number.split('/')[1]),
    text: words(slide),
    pictures: [...slide.querySelectorAll('img')].filter(i => seen(i) && i.naturalWidth).length,
    broken: [...slide.querySelectorAll('mjx-merror')].length,
    cut: [...slide.querySelectorAll('p, pre, table, img, mjx-container')].filter(el => seen(el)
      && el.getBoundingClientRect().right > edge && !reached(el)).map(el => el.tagName),
    low: slide.scrollHeight > slide.clientHeight + 1
      && !/auto|scroll/.test(getComputedStyle(slide).overflowY),
  };
}"""


def together(cases: tuple[Case, ...]) -> NotebookNode:
    """Return one notebook with the slides of all cases, to be shown live."""
    cells = [
        NotebookNode({**cell, "id": f"k{number}-{index}"})
        for number, case in enumerate(cases)
        for index, cell in enumerate(case.cells)
    ]
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language": "en",
        "title": "Cases",
        "rise": {"slideNumber": "c/t"},
    }
    return v4.new_notebook(cells=cells, metadata=metadata)


def serve(root: Path, port: int) -> int:
    """Show the notebook of all cases live until JupyterLab ends.

    Args:
        root: a folder that is laid out as the repository is.
        port: the port.
    """
    from press.exports import lab

    path = "lectures/en/00_cases.ipynb"
    with lab._scratch(presented(root, path), [path]) as copy:
        pictures_into((copy.folder / path).parent)
        return lab._serve(copy, f"/rise/{path}", root, presenting=True, browser=False, port=port)


@contextmanager
def served() -> Iterator[str]:
    """Show all cases live; yields the address."""
    with tempfile.TemporaryDirectory() as place, socket.socket() as probe:
        root = Path(place)
        style = root / "press" / "static" / "rise.css"
        style.parent.mkdir(parents=True)
        style.write_bytes((ROOT / "press" / "static" / "rise.css").read_bytes())
        (root / "img").mkdir()
        path = root / "lectures" / "en" / "00_cases.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(together(CASES), path)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        env = {**os.environ, "JUPYTER_TOKEN": "cases"}
        for kind in ("JUPYTER_CONFIG", "JUPYTER_DATA", "JUPYTER_RUNTIME"):
            env[f"{kind}_DIR"] = str(root / "home" / kind)
        for kind in ("JUPYTERLAB_SETTINGS", "JUPYTERLAB_WORKSPACES"):
            env[f"{kind}_DIR"] = str(root / "home" / kind)
        log = root / "log.txt"
        script = (
            "from pathlib import Path; from bench.cases import serve; "
            f"serve(Path({place!r}), {port})"
        )
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-c", script], cwd=ROOT, env=env, stdout=out, stderr=out
            )
        try:
            for _ in range(480):
                if re.search(r"http://localhost:\d+/rise/", log.read_text(encoding="utf-8")):
                    break
                if process.poll() is not None:
                    raise RuntimeError(log.read_text(encoding="utf-8"))
                time.sleep(0.25)
            yield f"http://localhost:{port}/rise/lectures/en/00_cases.ipynb?token=cases"
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait(40)


def followed(page: Page, number: int) -> list[str]:
    """Click the links of a slide that lead to other slides; return the words of the dead ones."""
    dead = []
    slide = "section.present > section.present"
    links = page.locator(f"{slide} .jp-RenderedMarkdown a[href^='#']:not(.jp-InternalAnchorLink)")
    for index in range(links.count()):
        words = links.nth(index).inner_text()
        links.nth(index).click()
        page.wait_for_timeout(700)
        if page.evaluate(LOOK)["number"] == number:
            dead.append(words)
        page.keyboard.press("g")
        page.keyboard.type(str(number))
        page.keyboard.press("Enter")
        page.wait_for_timeout(700)
    return dead


def live(pictures: Path | None = None) -> list[tuple[str, bool]]:
    """Show all cases live, each step of every slide; return what is to be said of each.

    Args:
        pictures: a folder for a picture of every slide; None: no pictures.
    """
    sys.path.insert(0, str(ROOT / "tests"))
    from browser import chromium  # the tests' Chromium

    slides: dict[int, dict[str, Any]] = {}
    with served() as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto(address)
        page.wait_for_selector("body[data-live=ready]", state="attached", timeout=180_000)
        total = page.evaluate(LOOK)["total"]
        for number in range(1, total + 1):
            page.keyboard.press("g")
            page.keyboard.type(str(number))
            page.keyboard.press("Enter")
            page.wait_for_function(
                "n => document.querySelector('section.present > section.present')"
                ".dataset.number.startsWith(n + '/')",
                arg=number,
            )
            page.keyboard.press("o")  # the outputs that the notebook has kept
            page.wait_for_timeout(900)
            slides[number] = page.evaluate(LOOK)
            slides[number]["dead"] = followed(page, number)
            if pictures:
                page.screenshot(path=pictures / f"case-{number:02d}.jpg", type="jpeg", quality=70)
        page.close()
    found = []
    first = 1
    for case in CASES:
        own = [slides[n] for n in range(first, first + len(case.cells))]
        first += len(case.cells)
        text = " ".join(" ".join(slide["text"] for slide in own).split())
        wrong = judged(case, text, sum(slide["pictures"] for slide in own))
        for slide in own:
            wrong += [f"a {tag.lower()} is cut off" for tag in dict.fromkeys(slide["cut"])]
            wrong += [f"the link “{words}” is dead" for words in slide["dead"]]
            wrong += ["a formula is refused"] * bool(slide["broken"])
            wrong += ["a slide is cut off"] * bool(slide["low"])
        said = case.live if len(wrong) == 1 and case.live else "; ".join(wrong)
        found.append((said or "shown", not wrong or said == case.live))
    return found


# The page ------------------------------------------------------------------------------------


def table(rows: list[dict[str, str]]) -> str:
    """Return the cases as a table of Markdown."""
    heads = ["case", "what failed", *FORMATS]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(row.get(head, "–") for head in heads) + " |" for row in rows]
    return "\n".join(lines)


def held() -> str:
    """Return the faults that tests hold, as a table of Markdown.

    Raises:
        LookupError: a test that it names is not there.
    """
    lines = ["| case | what failed | held by |", "|---|---|---|"]
    for thread, fault, tests in HELD:
        for name in tests:
            file, function = name.split("::")
            if f"def {function}(" not in (ROOT / "tests" / file).read_text(encoding="utf-8"):
                raise LookupError(f"there is no test {name}")
        lines.append(f"| {thread} | {fault} | {', '.join(f'`{name}`' for name in tests)} |")
    return "\n".join(lines)


def main() -> int:
    """Try all cases, write the page; the exit status is 1 if one is not right."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.cases")
    parser.add_argument("--no-rise", action="store_true", help="leave the live view out")
    parser.add_argument("--pictures", type=Path, help="keep a picture of every live slide here")
    asked = parser.parse_args()
    text = PAGE.read_text(encoding="utf-8")
    before = dict(re.findall(r"^\| (.*?) \|.*\| (.*?) \|$", text, re.MULTILINE))
    if asked.pictures:
        asked.pictures.mkdir(parents=True, exist_ok=True)
    shown_live = None if asked.no_rise else live(asked.pictures)
    rows, right = [], True
    for number, case in enumerate(CASES):
        row = {"case": case.thread, "what failed": case.fault}
        for head, to in FORMATS.items():
            if to != "rise":
                said, fine = exported(case, to)
            elif shown_live:
                said, fine = shown_live[number]
            else:
                said, fine = before.get(case.thread, "–"), True
            row[head] = said if fine else f"**not right**: {said}"
            right &= fine
        rows.append(row)
        print(json.dumps(row, ensure_ascii=False), flush=True)
    put(PAGE, "cases", table(rows))
    put(PAGE, "held", held())
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
