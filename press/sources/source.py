"""Reading a bilingual source and telling, by file and line, what is wrong with it.

The format is described in ``press/FORMAT.md``.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import yaml
from jupytext.myst import MystMetadataParsingError, myst_to_notebook

from press.sources import bibliography, reading, tint
from press.sources import text as words
from unrolled.messages import LANGUAGES, Language

SLIDE_TYPES = ("slide", "subslide", "fragment", "skip", "notes", "-")
CELL_KEYS = {
    *("slideshow", "minutes", "id", "tags", "alt", "jupyter"),
    *("exercise", "points", "appendix", "steps"),
}
TAGS = {
    "hidden",
    "parameters",
    "nbval-ignore-output",
    "raises-exception",
}
HEADER_KEYS = {"kind", "title", "subtitle", "minutes", "objectives", "prerequisites"}
OPTIONAL_KEYS = {"drawing", "executed"}
#: What `executed` may say: each edition is executed on its own, so that data may differ.
BY_EDITION = "by edition"
#: By it code knows the edition that it runs in: a line of the cell tagged `parameters`.
LANGUAGE_LINE = re.compile(r'^LANGUAGE = "(?:pl|en)"', re.MULTILINE)
SPLIT = "<!-- en -->"
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_PROSE, END_PROSE = "<!-- BEGIN SOLUTION -->", "<!-- END SOLUTION -->"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a source, and where."""

    path: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


class SourceError(Exception):
    """A source cannot be used; ``problems`` says why, in the order of the lines."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda p: p.line)
        super().__init__("\n".join(str(p) for p in self.problems))

    @classmethod
    def single(cls, path: Path, text: str, line: int = 1) -> SourceError:
        """Return the error for one problem."""
        return cls([Problem(path, line, text)])


@dataclass(frozen=True)
class Cell:
    """One cell of a source.

    ``text`` holds both languages of a prose cell (equal for a shared one); ``code`` the code of
    a code cell, solutions in place.
    """

    kind: str  # "markdown" or "code"
    line: int
    id: str
    slide_type: str
    metadata: dict[str, Any]
    code: str = ""
    text: dict[Language, str] = field(default_factory=dict)

    @property
    def tags(self) -> list[str]:
        """The cell's tags; an exercise has the tag ``exercise``."""
        exercise = ["exercise"] if self.exercise else []
        return exercise + list(self.metadata.get("tags", []))

    @property
    def section(self) -> bool:
        """Whether the cell begins a section of a lecture: a slide with a heading ``#`` alone."""
        return self.kind == "markdown" and self.text["en"].lstrip().startswith("# ")

    @property
    def exercise(self) -> str:
        """The name of the exercise that the cell is, ``lab/exercise``; empty if it is none."""
        return str(self.metadata.get("exercise", ""))


@dataclass(frozen=True)
class Source:
    """A lecture or a lab in both languages."""

    path: Path
    kind: str  # "lecture" or "lab"
    number: str
    slug: str
    title: dict[Language, str]
    subtitle: dict[Language, str]
    minutes: int
    objectives: list[dict[Language, str]]
    prerequisites: list[dict[Language, str]]
    cells: list[Cell]
    drawing: str = ""  # the stem of the picture in img/ that stands on the title slide
    by_edition: bool = False  # whether each edition is executed on its own

    @property
    def name(self) -> str:
        """The file name of every edition, without its ending: ``03_gates``."""
        return f"{self.number}_{self.slug}"

    @property
    def sections(self) -> list[Cell]:
        """The cells that begin a lecture's sections, in order; the appendix is the last."""
        return [c for c in self.cells if c.section]

    @property
    def code_cells(self) -> list[Cell]:
        """The code cells that are executed: all but those for grading alone."""
        return [c for c in self.cells if c.kind == "code" and "hidden" not in c.tags]


def read(path: Path) -> Source:
    """Read and check a source.

    Raises:
        SourceError: anything that FORMAT.md forbids, with file and line, all at once.
        FileNotFoundError: there is no such file.
    """
    return _Reader(path).read()


class _Reader:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.rows: list[str] = []
        self.cell_line = 0

    def say(self, line: int, text: str) -> None:
        self.problems.append(Problem(self.path, line, text))

    def read(self) -> Source:
        named = re.fullmatch(r"(\d\d)_([a-z0-9_]+)", self.path.stem)
        if not named:
            self.say(1, "a source is named NN_slug.md, for example 03_gates.md")
            raise SourceError(self.problems)
        content = self.content()
        self.rows = content.split("\n")
        self.check_fences(content)
        header = self.header(content)
        if self.problems:
            raise SourceError(self.problems)
        try:
            notebook = myst_to_notebook(content, add_source_map=True)
        except (MystMetadataParsingError, yaml.YAMLError, ValueError) as error:
            where = re.search(r"line:? (\d+)", str(error))
            self.say(int(where[1]) if where else 1, f"cannot be read as a MyST notebook: {error}")
            raise SourceError(self.problems) from error
        lines = notebook.metadata["source_map"]
        cells = self.cells(notebook.cells, lines, content.splitlines())
        minutes = sum(c.metadata.get("minutes", 0) for c in cells)
        if header["kind"] == "lecture" and abs(minutes - header["minutes"]) > 5:
            self.say(
                1, f"the notes' minutes add up to {minutes}, the header says {header['minutes']}"
            )
        self.languages(cells, by_edition="executed" in header)
        if self.problems:
            raise SourceError(self.problems)
        return Source(
            path=self.path,
            kind=header["kind"],
            number=named[1],
            slug=named[2],
            title=header["title"],
            subtitle=header["subtitle"],
            minutes=header["minutes"],
            objectives=header["objectives"],
            prerequisites=header["prerequisites"],
            cells=cells,
            drawing=str(header.get("drawing", "")),
            by_edition="executed" in header,
        )

    def content(self) -> str:
        """Return the file's text: UTF-8, whatever its line ends, with or without a mark in front.

        Letters are put together (NFC), as a keyboard types them: ``ó`` is one character.
        """
        data = self.path.read_bytes()
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            self.say(1, "the file is in UTF-16: save it as UTF-8 (in an editor: “Save as…”)")
            raise SourceError(self.problems)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = data[: error.start]
            self.say(
                before.count(b"\n") + 1,
                "the file is not in UTF-8, "
                + (f"perhaps in {guess}" if (guess := _encoding(data)) else "nor in what we know")
                + ": save it as UTF-8 (in an editor: “Save as…”)",
            )
            raise SourceError(self.problems) from error
        return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))

    # The header -----------------------------------------------------------------------------

    def header(self, content: str) -> dict[str, Any]:
        match = re.match(r"---\n(.*?)\n---\s*\n", content, re.DOTALL)
        if not match:
            self.say(1, "the file must begin with a YAML header between two lines ---")
            return {}
        try:
            header = (yaml.safe_load(match[1]) or {}).get("unrolled")
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            self.say(mark.line + 2 if mark else 1, f"the YAML header cannot be read: {error}")
            return {}
        line = next(
            (i for i, row in enumerate(content.splitlines(), 1) if row.startswith("unrolled:")), 1
        )
        if not re.search(r"^  notebook_metadata_filter: .*\bunrolled\b", match[1], re.MULTILINE):
            self.say(
                line,
                "below `jupytext:` stands `  notebook_metadata_filter: unrolled`, or saving this "
                "file in JupyterLab would delete its `unrolled:` part",
            )
        if not isinstance(header, dict):
            self.say(line, "the header has no `unrolled:` part (see press/FORMAT.md)")
            return {}
        for key in sorted(HEADER_KEYS - header.keys()):
            self.say(line, f"the header lacks `{key}`")
        for key in sorted(header.keys() - HEADER_KEYS - OPTIONAL_KEYS):
            self.say(line, f"the header has an unknown key `{key}`")
        if self.problems:
            return {}
        folder = self.path.parent.name
        if header["kind"] not in ("lecture", "lab") or folder != header["kind"] + "s":
            self.say(
                line, f"`kind: {header['kind']}` does not fit the folder {folder}/ (lectures, labs)"
            )
        for language in LANGUAGES if "drawing" in header else ():
            file = self.path.parent.parent / "img" / language / f"{header['drawing']}.svg"
            if not file.is_file():
                self.say(line, f"there is no drawing img/{language}/{file.name}")
        if header.get("executed", BY_EDITION) != BY_EDITION:
            text = f"`executed: {BY_EDITION}` or nothing, not {header['executed']!r}"
            self.say(line, text)
        if not isinstance(header["minutes"], int):
            self.say(line, "`minutes` must be a whole number")
        both = [("title", header["title"]), ("subtitle", header["subtitle"])]
        for key in ("objectives", "prerequisites"):
            if not isinstance(header[key], list) or not header[key]:
                self.say(line, f"`{key}` must be a list of pairs {{pl: …, en: …}}")
            else:
                both += [(key, item) for item in header[key]]
        for key, item in both:
            self.pair(line, item, f"`{key}`")
        return header

    def pair(self, line: int, item: Any, where: str) -> None:
        if not isinstance(item, dict) or set(item) != set(LANGUAGES) or not all(item.values()):
            self.say(line, f"{where} must have both languages: {{pl: …, en: …}}, not {item!r}")
        else:
            self.compare(line, str(item["pl"]), str(item["en"]), where + ": ")

    # The cells ------------------------------------------------------------------------------

    def check_fences(self, content: str) -> None:
        """Find code cells that are never closed, which the parser would swallow silently."""
        opened: int | None = None
        for number, row in enumerate(content.splitlines(), 1):
            if row.startswith("```{code-cell}"):
                if opened is not None:
                    self.say(opened, "this code cell is never closed with ```")
                opened = number
            elif opened is not None and row.rstrip() == "```":
                opened = None
        if opened is not None:
            self.say(opened, "this code cell is never closed with ```")

    def cells(self, raw: list[Any], lines: list[int], rows: list[str]) -> list[Cell]:
        cells: list[Cell] = []
        section, count = "start", 0
        seen: dict[str, int] = {}
        for node, start in zip(raw, lines, strict=True):
            line = int(start) + 1
            before = len(self.problems)
            metadata = dict(node.metadata)
            slide_type = dict(metadata.get("slideshow", {})).get("slide_type", "-")
            if slide_type not in SLIDE_TYPES:
                self.say(
                    line, f"unknown slide type {slide_type!r}; one of {', '.join(SLIDE_TYPES)}"
                )
            for key in sorted(metadata.keys() - CELL_KEYS):
                self.say(line, f"unknown cell metadata {key!r}; one of {sorted(CELL_KEYS)}")
            for tag in sorted(set(metadata.get("tags", [])) - TAGS):
                self.say(line, f"unknown tag {tag!r}; one of {sorted(TAGS)}")
            points = metadata.get("points")
            if points is not None and not (isinstance(points, (int, float)) and points > 0):
                self.say(line, f"`points` is a number above 0, not {points!r}")
            minutes = metadata.get("minutes")
            if minutes is not None and (slide_type != "notes" or not isinstance(minutes, int)):
                self.say(line, "`minutes` is a whole number and belongs to a notes cell")
            if "alt" in metadata:
                self.pair(line, metadata["alt"], "`alt`")
            code, text = "", cast(dict[Language, str], {})
            if node.cell_type == "code":
                code = node.source
                first = code.splitlines()[:1]
                body = next((i for i in range(line - 1, len(rows)) if rows[i : i + 1] == first), 0)
                self.solutions(body + 1, code, BEGIN, END)
                self.claims(body + 1, code)
                self.steps(line, metadata, code)
                if "exercise" in metadata:
                    self.exercise(line, metadata, code)
                elif BEGIN in code:
                    self.say(line, "a cell with a solution says whose it is: `exercise: lab/name`")
            elif node.cell_type == "markdown":
                text = self.halves(line, node.source)
            else:
                self.say(line, f"a {node.cell_type} cell has no place in a source")
            if text:
                self.section(line, metadata, slide_type, text)
            heading = re.search(r"^#{1,6}\s+(.+)$", text.get("en", ""), re.MULTILINE)
            if heading:
                section, count = slug(heading[1]), 0
            count += 1
            given = str(metadata.get("id", section if count == 1 else f"{section}-{count}"))
            cell_id = given
            if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", given):
                self.say(line, f"the id {given!r} may hold only letters, digits, - and _ (64)")
            if given in seen:
                if "id" in metadata:
                    self.say(line, f"the id {given!r} stands in line {seen[given]} already")
                n = 2
                while f"{given}-{n}" in seen:
                    n += 1
                cell_id = f"{given}-{n}"
            seen[cell_id] = line
            self.problems[before:] = [
                replace(problem, text=f"cell {cell_id}: {problem.text}")
                for problem in self.problems[before:]
            ]
            cells.append(Cell(node.cell_type, line, cell_id, slide_type, metadata, code, text))
            if "exercise" in metadata and (checking := check_code(metadata["exercise"], code)):
                count += 1
                cell_id = f"{cell_id}-check"
                seen[cell_id] = line
                cells.append(Cell("code", line, cell_id, "-", {"id": cell_id}, checking))
        return cells

    def languages(self, cells: list[Cell], *, by_edition: bool) -> None:
        """Check the line that says the edition: it stands where the press writes it, once."""
        said = [(c, len(LANGUAGE_LINE.findall(c.code))) for c in cells if c.kind == "code"]
        for cell, count in said:
            if count and not by_edition:
                text = f"`LANGUAGE` needs `executed: {BY_EDITION}` in the header"
                self.say(cell.line, f"cell {cell.id}: {text}")
            elif count and "parameters" not in cell.tags:
                text = "`LANGUAGE` is set in the cell tagged `parameters`, and there alone"
                self.say(cell.line, f"cell {cell.id}: {text}")
        if by_edition and sum(count for _, count in said) != 1:
            text = 'one line `LANGUAGE = "pl"` (or "en") in the cell tagged `parameters`'
            self.say(1, f"`executed: {BY_EDITION}` needs {text}")

    def section(
        self, line: int, metadata: dict[str, Any], slide_type: str, text: dict[Language, str]
    ) -> None:
        """Check what begins a section, and that nothing else claims to."""
        begins = text["en"].lstrip().startswith("# ")
        if begins and slide_type != "slide":
            self.say(line, "a heading `#` begins a section, on a slide of its own (`slide`)")
        if begins and any(len(half.split("\n")) > 1 for half in text.values()):
            self.say(line, "a section's slide holds its heading alone: the agenda is generated")
        if begins and self.path.parent.name == "labs":
            self.say(line, "sections belong to lectures; a lab has headings `##`")
        if "appendix" in metadata and not (begins and metadata["appendix"] is True):
            self.say(line, "`appendix: true` belongs to the section that begins the appendix")

    def claims(self, line: int, code: str) -> None:
        """Check the texts of ``claim(pl=…, en=…)``, and that something has been asserted."""
        try:
            tree = ast.parse(code)
        except SyntaxError:
            return
        calls = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "claim"
        ]
        for call in calls:
            where = line + call.lineno - 1
            said = {
                keyword.arg: keyword.value.value
                for keyword in call.keywords
                if isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str)
            }
            if set(said) != {"pl", "en"} or call.args:
                self.say(where, 'a claim is in both languages: claim(pl="…", en="…")')
            else:
                self.compare(where, said["pl"], said["en"])
        if calls and not any(isinstance(node, ast.Assert) for node in ast.walk(tree)):
            self.say(line, "a claim stands below the assertions that bear it out, in their cell")

    def steps(self, line: int, metadata: dict[str, Any], code: str) -> None:
        """Check ``steps``: the lines of code to light up, click by click."""
        if "steps" not in metadata:
            return
        said = str(metadata["steps"])
        last = len(code.splitlines())
        if not re.fullmatch(r"\d+(-\d+)?(,\d+(-\d+)?)*(\|\d+(-\d+)?(,\d+(-\d+)?)*)*", said):
            self.say(line, f"`steps` are lines of the code such as 1-3|5|7-9, not {said!r}")
        elif max(map(int, re.findall(r"\d+", said))) > last:
            self.say(line, f"`steps: {said}` goes beyond the code's {last} lines")

    def exercise(self, line: int, metadata: dict[str, Any], code: str) -> None:
        """Check the cell of an exercise; what it asks for is checked when the lab is given out."""
        slug = self.path.stem.partition("_")[2]
        if not re.fullmatch(rf"{slug}/[\w-]+", str(metadata["exercise"])):
            self.say(line, f"an exercise is called {slug}/name, not {metadata['exercise']!r}")
        if "id" not in metadata:
            self.say(line, "an exercise needs an `id`")
        if BEGIN not in code:
            self.say(line, f"an exercise needs a `{BEGIN}` block")
        if answered(code) is None:
            self.say(line, "an exercise defines a function or a variable, which is then checked")

    def halves(self, line: int, content: str) -> dict[Language, str]:
        self.cell_line = line
        halves = re.split(rf"^{re.escape(SPLIT)}[ \t]*$", content, flags=re.MULTILINE)
        if len(halves) == 1:
            self.subset(line, content)
            rest = words.parts(content, "en")
            if re.search(r"[^\W\d_]{2,}", rest.prose) or rest.alts:
                self.say(line, f"the English half is missing: no line `{SPLIT}`")
            return {"pl": content, "en": content}
        if len(halves) > 2:
            self.say(line, f"more than one line `{SPLIT}` in a cell")
        pl, en = halves[0].strip(), halves[1].strip()
        if not pl or not en:
            self.say(line, f"the {'English' if pl else 'Polish'} half is empty")
            return {"pl": pl, "en": en}
        self.solutions(line, pl, BEGIN_PROSE, END_PROSE)
        self.solutions(line, en, BEGIN_PROSE, END_PROSE)
        if pl.count(BEGIN_PROSE) != en.count(BEGIN_PROSE):
            self.say(line, "a solution stands in one language only")
        self.compare(line, pl, en)
        self.subset(line, pl)
        after = next(i for i in range(line - 1, len(self.rows)) if self.rows[i].strip() == SPLIT)
        self.subset(after + 1, en)
        return {"pl": pl, "en": en}

    def subset(self, line: int, text: str) -> None:
        """Say what of a text is beyond the Markdown that all outputs show."""
        rows = text.split("\n")
        for remark in reading.read(text).remarks:
            row = rows[min(remark.line, len(rows) - 1)].strip()
            near = range(line - 1, len(self.rows))
            found = next((i + 1 for i in near if self.rows[i].strip() == row), line)
            if "HTML" in remark.text and any(
                p.line == self.cell_line and "HTML" in p.text for p in self.problems
            ):
                continue  # the comparison of the halves has said so
            self.say(found, remark.text)

    def compare(self, line: int, pl: str, en: str, where: str = "") -> None:
        """Say where the halves differ in what must be the same in both languages."""
        for text in differences(pl, en):
            self.say(line, where + text)
        for language, half in (("pl", pl), ("en", en)):
            for match in re.finditer(r"!\[([^\]]*)\]\(([^)\s]+)\)", half):
                alt, file = match[1], match[2]
                if len(alt.strip()) < 8:
                    self.say(line, f"the picture {file} needs an alt text that says what one sees")
                if re.match(r"https?:", file):
                    self.say(line, f"the picture {file} is on another host: bring it into img/")
                elif not (self.path.parent / file).is_file():
                    self.say(line, f"there is no picture {file} (python -m unrolled.diagrams)")
                elif f"/{language}/" not in file and re.search(r"/(pl|en)/", file):
                    self.say(line, f"the picture {file} is of the other language")

    def solutions(self, line: int, content: str, begin: str, end: str) -> None:
        opened: int | None = None
        for offset, row in enumerate(content.splitlines()):
            if row.strip() == begin:
                if opened is not None:
                    self.say(line + offset, f"`{begin}` inside a solution")
                opened = line + offset
            elif row.strip() == end:
                if opened is None:
                    self.say(line + offset, f"`{end}` without `{begin}`")
                opened = None
            elif begin in row or end in row:
                self.say(line + offset, f"`{begin}` and `{end}` stand alone on their lines")
        if opened is not None:
            self.say(opened, f"this solution is never closed with `{end}`")


def _encoding(data: bytes) -> str:
    """Return which encoding a Polish text may be in, by its letters ą, ę, ł, ś, ż, ź, ć, ń, ó."""
    letters = re.compile(r"[ąćęłńóśźżĄĆĘŁŃÓŚŹŻ]")
    best = {}
    for encoding, name in (("cp1250", "Windows-1250"), ("iso8859-2", "ISO 8859-2")):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        strange = len(re.findall(r"[^\x00-\x7fąćęłńóśźżĄĆĘŁŃÓŚŹŻ„”“–—…’\xa0×·−≈°§]", text))
        best[name] = len(letters.findall(text)) - 2 * strange
    name = max(best, key=lambda n: best[n], default="")
    return name if name and best[name] > 0 else ""


def differences(pl: str, en: str) -> list[str]:
    """Return what is not the same in two languages' texts and should be, or what is ill-formed.

    Formulas, numbers, links, pictures, inline code, citations, heading levels; quotes; raw HTML.
    """
    said = []
    for half in (pl, en):
        try:
            tint.coloured(half)
        except ValueError as error:
            said.append(str(error))
    ours, theirs = words.parts(pl, "pl"), words.parts(en, "en")
    said += words.numbers_differ(ours.prose, theirs.prose)
    for what in ("formulas", "links", "pictures", "code"):
        left, right = getattr(ours, what), getattr(theirs, what)
        if left != right:
            said.append(
                f"the {what} differ: only in Polish {_list(left - right)}, "
                f"only in English {_list(right - left)}"
            )
    if sorted(bibliography.cited(pl)) != sorted(bibliography.cited(en)):
        said.append("the citations differ")
    for key in bibliography.unknown(pl):
        said.append(f"lectures/references.bib has no work {key!r}")
    if ours.headings != theirs.headings:
        said.append(f"the headings differ: {ours.headings} and {theirs.headings}")
    if '"' in _without_inches(ours.prose) or "“" in ours.prose:
        said.append('Polish quotes are „…”, not "…" or “…”')
    if '"' in _without_inches(theirs.prose) or "„" in theirs.prose:
        said.append('English quotes are “…”, not "…" or „…”')
    for prose in (ours.prose, theirs.prose):
        tag = re.search(r"</?([a-zA-Z][\w-]*)[^>\n]*>", prose)
        if tag and tag[1].lower() in reading.TAGS:
            said.append("no raw HTML in a source: it would be lost in the PDFs")
        elif tag:
            said.append(
                f"{tag[0]} is HTML for Jupyter, which hides it: put a space after <, or write $…$"
            )
        if "$" in prose.replace(r"\$", ""):
            said.append("a $ without its partner (write \\$ for the sign)")
    return said


def _without_inches(prose: str) -> str:
    """Return a text without the signs of inches: ``"`` after a digit that closes no quote."""
    return "\n".join(
        re.sub(r'(?<=\d)"', "", row) if len(re.findall(r'(?<!\d)"', row)) % 2 == 0 else row
        for row in prose.split("\n")
    )


#: Longest line of code that a page shows without breaking it.
COLUMNS = 68


def answered(code: str) -> ast.FunctionDef | ast.Name | None:
    """Return the function that an exercise's cell defines, or else the last variable it sets."""
    try:
        body = ast.parse(code).body
    except SyntaxError:
        return None
    functions = [node for node in body if isinstance(node, ast.FunctionDef)]
    names = [
        target
        for node in body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    return functions[-1] if functions else names[-1] if names else None


def check_code(name: str, code: str) -> str:
    """Return the code that checks an exercise: the cell below it.

    Args:
        name: the exercise, ``lab/exercise``.
        code: its cell. A function that it defines is checked and goes on as what the check
            returns; a variable (the letter of a multiple-choice question) is only checked.
    """
    answer = answered(code)
    if answer is None:
        return ""
    if isinstance(answer, ast.Name):
        return f'check("{name}", {answer.id})'
    short = f'{answer.name} = check("{name}", {answer.name})'
    if len(short) <= COLUMNS:
        return short
    return f'{answer.name} = check(\n    "{name}",\n    {answer.name},\n)'


def slug(heading: str) -> str:
    """Return a heading as a cell id: lower case, words joined by hyphens, 48 characters at most."""
    plain = words.spans(heading, lambda m: " ")
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:48].strip("-") or "cell"


def _list(items: Any) -> str:
    return ", ".join(f"{item!r}" for item in items) if items else "nothing"


def find(root: Path, names: list[str] | None = None) -> list[Path]:
    """Return the sources below ``root``: all of them, or those that ``names`` name.

    A name is a path, or a number with its kind, or a stem: ``lectures/03_gates.md``, ``03_gates``.

    Raises:
        FileNotFoundError: a name fits no source.
    """
    every = sorted([*root.glob("lectures/[0-9][0-9]_*.md"), *root.glob("labs/[0-9][0-9]_*.md")])
    every = [path for path in every if path.is_file()]
    if not names:
        return every
    chosen = []
    for name in names:
        hits = [p for p in every if name in (p.stem, str(p.relative_to(root))) or Path(name) == p]
        if not hits and Path(name).is_file():
            hits = [Path(name)]
        if not hits:
            known = ", ".join(str(p.relative_to(root)) for p in every)
            raise FileNotFoundError(f"there is no source {name!r}; there are: {known}")
        chosen += hits
    return chosen
