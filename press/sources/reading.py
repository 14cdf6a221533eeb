r"""The one reading of a cell's Markdown: what every output is written from.

CommonMark with tables, strikethrough and formulas, read cell by cell, so that a label or an open
block of one cell never reaches the next. :mod:`press.exports.prose` writes HTML from the nodes,
:mod:`press.exports.typeset` Typst, and ``python -m press check`` holds sources to what
both can show.

Formulas are ``$…$``, ``$$…$$``, and what Jupyter takes for formulas as well: ``\\(…\\)``,
``\\[…\\]`` and a bare ``\begin{align}…\end{align}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, reference
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token


@dataclass(frozen=True)
class Node:
    """A piece of a text.

    Attributes:
        kind: a block (``paragraph``, ``heading``, ``quote``, ``list``, ``item``, ``code``,
            ``table``, ``row``, ``cell``, ``rule``) or a part of a line (``text``, ``strong``,
            ``emph``, ``strike``, ``underline``, ``sub``, ``sup``, ``verbatim``, ``link``,
            ``image``, ``formula``, ``soft``, ``break``).
        children: what it holds.
        text: the words of ``text``, the code, the formula's LaTeX, an address.
        attrs: what else its kind has: ``level``, ``ordered``, ``start``, ``tight``, ``info``,
            ``align``, ``head``, ``display``.
    """

    kind: str
    children: tuple[Node, ...] = ()
    text: str = ""
    attrs: dict[str, Any] = field(default_factory=dict)

    def walk(self) -> Iterator[Node]:
        """Yield the node and all below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def words(self) -> str:
        """The node's words, without any mark-up."""
        if self.kind in {"soft", "break"}:
            return " "
        own = self.text if self.kind in {"text", "verbatim", "code", "formula"} else ""
        return own + "".join(child.words for child in self.children)


@dataclass(frozen=True)
class Remark:
    """Something in a text that a source may not hold.

    Attributes:
        line: its line in the text, from 0.
        text: what it is, and what to write instead.
        lost: whether it is not shown (or not as it was meant), so that it is named even where
            it is allowed.
    """

    line: int
    text: str
    lost: bool = False


@dataclass(frozen=True)
class Text:
    """A text as read: its blocks, and what is odd in it."""

    blocks: tuple[Node, ...]
    remarks: tuple[Remark, ...] = ()

    def walk(self) -> Iterator[Node]:
        """Yield every node, in order."""
        for block in self.blocks:
            yield from block.walk()

    @property
    def formulas(self) -> list[Node]:
        """The formulas, in order."""
        return [node for node in self.walk() if node.kind == "formula"]


@lru_cache(maxsize=4096)
def read(text: str) -> Text:
    """Return a cell's Markdown as nodes."""
    return _Builder(text).read()


def demoted(text: Text) -> Text:
    """Return a text whose headings of level 1 are of level 2: a slide's, not a document's."""

    def lower(node: Node) -> Node:
        if node.kind == "heading" and node.attrs["level"] == 1:
            return replace(node, attrs={**node.attrs, "level": 2})
        return node

    return replace(text, blocks=tuple(map(lower, text.blocks)))


# Formulas in Markdown ----------------------------------------------------------------------

_ENVIRONMENT = re.compile(r"\\begin\{([a-zA-Z]+\*?)\}")
_DISPLAY = re.compile(r"(?<!\\)\$\$")


def _block_formula(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    r"""A formula on lines of its own: ``$$``, ``\\[`` or ``\\begin{…}`` first, its end last."""
    if state.is_code_block(start):
        return False
    first = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    environment = _ENVIRONMENT.match(first)
    if first.startswith("$$"):
        opening, closing, form = "$$", "$$", "dollars"
    elif first.startswith("\\\\["):
        opening, closing, form = "\\\\[", "\\\\]", "brackets"
    elif environment:
        opening, closing, form = environment[0], f"\\end{{{environment[1]}}}", "environment"
    else:
        return False
    gathered = ""
    for line in range(start, end):
        inside = state.sCount[line] >= state.blkIndent or state.isEmpty(line)
        if not inside:
            return False
        gathered += state.getLines(line, line + 1, state.blkIndent, False) + "\n"
        place = _found(gathered.lstrip(), closing, len(opening))
        if place < 0:
            continue
        body = gathered.lstrip()
        if body[place + len(closing) :].strip():
            return False
        if silent:
            return True
        tex = body[: place + len(closing)] if environment else body[len(opening) : place]
        token = state.push("formula", "", 0)
        token.content, token.block, token.map = tex, True, [start, line + 1]
        token.meta = {"form": form}
        state.line = line + 1
        return True
    return False


def _found(text: str, closing: str, start: int) -> int:
    """Return where ``closing`` stands in a text, unless a backslash is before its dollars."""
    place = text.find(closing, start)
    while place > 0 and closing[0] == "$" and text[place - 1] == "\\":
        place = text.find(closing, place + 1)
    return place


def _paragraph_with_display(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A paragraph in whose lines ``$$`` opens: what begins a block elsewhere is TeX in it."""
    if silent or state.is_code_block(start):
        return False
    terminators = state.md.block.ruler.getRules("paragraph")
    line, opened, ever = start, False, False
    parent, state.parentType = state.parentType, "paragraph"
    try:
        while line < end:
            row = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
            if not opened and line > start:
                if state.isEmpty(line):
                    break
                if state.sCount[line] - state.blkIndent <= 3 and any(
                    rule(state, line, end, True) for rule in terminators
                ):
                    break
            if opened and state.sCount[line] < state.blkIndent and not state.isEmpty(line):
                return False
            if len(_DISPLAY.findall(row)) % 2:
                opened, ever = not opened, True
            line += 1
    finally:
        state.parentType = parent
    if opened or not ever:
        return False
    content = state.getLines(start, line, state.blkIndent, False).strip()
    token = state.push("paragraph_open", "p", 1)
    token.map = [start, line]
    token = state.push("inline", "", 0)
    token.content, token.map, token.children = content, [start, line], []
    state.push("paragraph_close", "p", -1)
    state.line = line
    return True


def _reference(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """An address for a label; a footnote ``[^1]: …`` is none, and stays as it is written."""
    first = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    return not first.startswith("[^") and bool(reference(state, start, end, silent))


def _inline_formula(state: StateInline, silent: bool) -> bool:
    r"""A formula in a line: ``$…$``, ``$$…$$``, ``\\(…\\)``, ``\\[…\\]``, ``\begin{…}``."""
    text, pos = state.src, state.pos
    environment = _ENVIRONMENT.match(text, pos)
    loose = False
    if text.startswith("$$", pos):
        opening, closing, form, display = "$$", "$$", "dollars", True
    elif text[pos] == "$":
        opening, closing, form, display = "$", "$", "dollars", False
    elif text.startswith("\\\\(", pos):
        opening, closing, form, display = "\\\\(", "\\\\)", "brackets", False
    elif text.startswith("\\\\[", pos):
        opening, closing, form, display = "\\\\[", "\\\\]", "brackets", True
    elif environment:
        opening, closing = environment[0], f"\\end{{{environment[1]}}}"
        form, display = "environment", True
    else:
        return False
    begin = pos + len(opening)
    place = _found(text, closing, begin)
    if place < 0 or not text[begin:place].strip():
        return False
    if opening == "$":
        inside = text[begin:place]
        after = text[place + 1 : place + 2]
        loose = inside[0].isspace() or inside[-1].isspace()
        # Two prices are no formula: “from $5 to $6”, “$5 or $ 6”.
        if after.isdigit() or (loose and re.match(r"\d[\d.,]*\s+[^\W\d_]{2}", inside)):
            return False
    if not silent:
        token = state.push("formula", "", 0)
        whole = environment is not None
        token.content = text[pos : place + len(closing)] if whole else text[begin:place]
        token.meta = {"form": "loose" if loose else form, "display": display}
    state.pos = place + len(closing)
    return True


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    markdown.block.ruler.before(
        "fence",
        "formula",
        _block_formula,
        {"alt": ["paragraph", "reference", "blockquote", "list"]},
    )
    markdown.block.ruler.at("reference", _reference)
    markdown.block.ruler.before("lheading", "paragraph_with_display", _paragraph_with_display)
    markdown.inline.ruler.before("escape", "formula", _inline_formula)
    return markdown


# From tokens to nodes ----------------------------------------------------------------------

#: HTML's tags that Markdown has a form for; the others go, and their words stay.
_INLINE_TAGS = {
    **{"b": "strong", "strong": "strong", "i": "emph", "em": "emph", "cite": "emph"},
    **{"s": "strike", "del": "strike", "strike": "strike", "u": "underline", "ins": "underline"},
    **{"sub": "sub", "sup": "sup", "kbd": "verbatim", "code": "verbatim", "tt": "verbatim"},
    "samp": "verbatim",
}
_PARAGRAPH_TAGS = {
    *("p", "div", "center", "details", "summary", "section", "article", "figure", "figcaption"),
    *("blockquote", "pre", "header", "footer", "main", "aside", "nav", "dl", "dt", "dd"),
}
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_UNSHOWN = {"script", "style", "iframe", "video", "audio", "object", "svg", "canvas", "embed"}
_VOID = {"br", "img", "hr", "wbr", "a", "span", "font", "small", "big", "mark", "q", "abbr", "var"}
_MORE = {"ul", "ol", "li", "table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption", "col"}
_MORE |= {"colgroup", "form", "input", "button", "label", "select", "option", "textarea", "link"}
_MORE |= {"meta", "head", "body", "html", "title", "base", "source", "track", "param", "math"}
#: All tags that are HTML; anything else between < and > is words.
TAGS = frozenset({*_INLINE_TAGS, *_PARAGRAPH_TAGS, *_HEADINGS, *_UNSHOWN, *_VOID, *_MORE})
_URL = re.compile(r"(?<![\w/])https?://[^\s<>]*[^\s<>.,:;!?\"'”)\]]")
_MARKDOWN_KINDS = {"strong": "strong", "em": "emph", "s": "strike", "link": "link"}


class _Frame:
    """A node under construction."""

    def __init__(self, kind: str, tag: str = "", text: str = "", **attrs: Any) -> None:
        self.kind, self.tag, self.text, self.attrs = kind, tag, text, attrs
        self.children: list[Node] = []

    def node(self) -> Node:
        if self.kind == "verbatim":
            return Node("verbatim", text="".join(child.words for child in self.children))
        return Node(self.kind, tuple(_joined(self.children)), self.text, self.attrs)


def _joined(nodes: list[Node]) -> list[Node]:
    """Return nodes with neighbouring texts as one."""
    found: list[Node] = []
    for node in nodes:
        if node.kind == "text" and found and found[-1].kind == "text":
            found[-1] = Node("text", text=found[-1].text + node.text)
        else:
            found.append(node)
    return found


class _Builder:
    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n").replace("\r", "\n")
        self.rows = self.text.split("\n")
        self.remarks: list[Remark] = []
        self.line = 0

    def say(self, text: str, *, lost: bool = False) -> None:
        remark = Remark(self.line, text, lost)
        if remark not in self.remarks:
            self.remarks.append(remark)

    def read(self) -> Text:
        tokens = _markdown().parse(self.text)
        root = _Frame("root")
        stack = [root]
        for token in tokens:
            if token.map:
                self.line = token.map[0]
            self.block(token, stack)
        return Text(tuple(root.children), tuple(sorted(self.remarks, key=lambda r: r.line)))

    # Blocks ---------------------------------------------------------------------------------

    def block(self, token: Token, stack: list[_Frame]) -> None:
        kind = token.type
        top = stack[-1]
        if kind == "inline":
            top.children += self.inline(token.children or [])
        elif kind == "formula":
            formula = self.formula(token, display=True)
            top.children.append(Node("paragraph", (formula,)))
        elif kind in {"fence", "code_block"}:
            info = token.info.strip()
            if kind == "fence":
                self.fence(token, info)
            attrs = {"info": info.split()[0] if info else ""}
            top.children.append(Node("code", text=token.content, attrs=attrs))
        elif kind == "hr":
            self.say("a line `---` is a rule in Markdown: leave it out, or begin a new slide")
            top.children.append(Node("rule"))
        elif kind == "html_block":
            self.html_block(token, top)
        elif kind in {"thead_open", "thead_close", "tbody_open", "tbody_close"}:
            pass
        elif kind.endswith("_open"):
            stack.append(self.opened(token))
        elif kind.endswith("_close"):
            self.closed(stack)

    def opened(self, token: Token) -> _Frame:
        kind = token.type.removesuffix("_open")
        if kind == "heading":
            if token.markup in {"=", "-"}:
                self.say(f"a heading is `## Title`, not a line of {token.markup} below it")
            return _Frame("heading", level=int(token.tag[1]))
        if kind in {"bullet_list", "ordered_list"}:
            start = int(token.attrs.get("start", 1))
            return _Frame("list", ordered=kind == "ordered_list", start=start, tight=True)
        if kind in {"th", "td"}:
            align = re.search(r"text-align:(\w+)", str(token.attrs.get("style", "")))
            return _Frame("cell", head=kind == "th", align=align[1] if align else "")
        names = {"blockquote": "quote", "list_item": "item", "tr": "row"}
        frame = _Frame(names.get(kind, kind))
        if kind == "paragraph":
            frame.attrs["tight"] = token.hidden
        return frame

    def closed(self, stack: list[_Frame]) -> None:
        frame = stack.pop()
        parent = stack[-1]
        if frame.kind == "paragraph":
            self.paragraph(frame)
            if parent.kind == "item" and not frame.attrs.get("tight"):
                parent.attrs["loose"] = True
        elif frame.kind == "item":
            _check_box(frame)
            if frame.attrs.pop("loose", False):
                parent.attrs["tight"] = False
        parent.children.append(frame.node())

    def fence(self, token: Token, info: str) -> None:
        if info.startswith("{"):
            self.say(f"the directive ```{info} is not shown: write it as plain Markdown", lost=True)
        if not token.map:
            return
        last = self.rows[min(token.map[1], len(self.rows)) - 1].strip(" \t>")
        mark = token.markup[0]
        closed = len(last) >= len(token.markup) and set(last) == {mark}
        if not closed or token.map[1] - token.map[0] < 2:
            self.say(f"a fenced code block ({token.markup}) is not closed", lost=True)

    def paragraph(self, frame: _Frame) -> None:
        """Remark on what MyST has and Markdown has not."""
        words = "".join(
            "\n" if node.kind in {"soft", "break"} else node.words if node.kind == "text" else "x"
            for node in frame.children
        )
        if re.match(r":::", words) or re.search(r"^:::", words, re.MULTILINE):
            self.say("a directive ::: is not shown: write it as plain Markdown", lost=True)
        if re.search(r"\[\^[^\]]+\]", words):
            self.say("footnotes are not shown: put the note into the text", lost=True)
        if re.search(r"^\([\w -]+\)=$", words, re.MULTILINE):
            self.say("a label (name)= is not shown: leave it out", lost=True)
        if re.search(r"\n:[ \t]+\S", words):
            self.say("a definition list is not shown: write a list `- **term**: what it is`")
        for before, after in zip(frame.children, frame.children[1:], strict=False):
            if (
                after.kind == "verbatim"
                and before.kind == "text"
                and re.search(r"\{[\w:-]+\}$", before.text)
            ):
                self.say("a role {name}`…` is not shown: write $…$ or a link", lost=True)

    def formula(self, token: Token, *, display: bool) -> Node:
        form = token.meta["form"]
        if form == "environment":
            self.say(r"a bare \begin{…}: put it between $$ … $$ (aligned instead of align)")
        elif form == "brackets":
            self.say(r"formulas stand between dollars: $…$ or $$…$$, not \\(…\\) or \\[…\\]")
        elif form == "loose":
            self.say(f"no space inside the dollars of ${token.content}$: look at its dollars")
        attrs = {"display": display, "form": form}
        return Node("formula", text=token.content, attrs=attrs)

    # Parts of lines -------------------------------------------------------------------------

    def inline(self, tokens: list[Token]) -> list[Node]:
        root = _Frame("root")
        stack = [root]
        for token in tokens:
            self.part(token, stack)
        while len(stack) > 1:
            self.unclosed(stack)
        return _joined(root.children)

    def part(self, token: Token, stack: list[_Frame]) -> None:
        kind = token.type
        top = stack[-1]
        if kind in {"text", "text_special"}:
            linked = any(frame.kind == "link" for frame in stack)
            top.children += [Node("text", text=token.content)] if linked else _linked(token.content)
        elif kind == "softbreak":
            top.children.append(Node("soft"))
        elif kind == "hardbreak":
            top.children.append(Node("break"))
        elif kind == "code_inline":
            top.children.append(Node("verbatim", text=token.content))
        elif kind == "formula":
            top.children.append(self.formula(token, display=token.meta["display"]))
        elif kind == "image":
            alt = tuple(self.inline(token.children or []))
            top.children.append(Node("image", alt, str(token.attrs.get("src", ""))))
        elif kind == "html_inline":
            tag = re.match(r"</?([a-zA-Z][\w-]*)", token.content)
            if tag and tag[1].lower() not in TAGS:  # “x <y and z> w”
                self.say(
                    f"{token.content} is HTML for Jupyter, which hides it: put a space after <"
                )
                top.children.append(Node("text", text=token.content))
            else:
                _Html(self, stack).feed(token.content)
        elif kind.endswith("_open"):
            name = kind.removesuffix("_open")
            frame = _Frame(_MARKDOWN_KINDS[name], text=str(token.attrs.get("href", "")))
            if frame.text.startswith("#"):
                self.say(
                    f"a link inside the notebook ({frame.text}) leads nowhere in decks and PDFs: "
                    "name the section in words"
                )
            stack.append(frame)
        elif kind.endswith("_close"):
            name = _MARKDOWN_KINDS[kind.removesuffix("_close")]
            while len(stack) > 2 and (stack[-1].tag or stack[-1].kind != name):
                self.unclosed(stack)
            frame = stack.pop()
            stack[-1].children.append(frame.node())

    def unclosed(self, stack: list[_Frame]) -> None:
        """Take a tag that is not closed away; what it holds stays."""
        frame = stack.pop()
        if frame.tag:
            self.say(f"the tag <{frame.tag}> is not closed", lost=True)
        stack[-1].children += frame.children

    def html_block(self, token: Token, top: _Frame) -> None:
        root = _Frame("root")
        stack = [root]
        parser = _Html(self, stack, blocks=True)
        parser.feed(token.content)
        if re.match(r"\s*<!--", token.content) and "-->" not in token.content:
            self.say("a comment <!-- is not closed: the rest of the cell is hidden", lost=True)
        else:
            parser.close()
        while len(stack) > 1:
            frame = stack.pop()
            if frame.kind in {"paragraph", "heading", "item", "list", "row", "cell", "table"}:
                stack[-1].children.append(frame.node())
            else:
                stack[-1].children += frame.children
        top.children += _as_blocks(root.children)


def _check_box(item: _Frame) -> None:
    """Write the box of a task as a character: ``- [x] done``."""
    if not item.children or item.children[0].kind != "paragraph":
        return
    first = item.children[0]
    if first.children and first.children[0].kind == "text":
        lead = first.children[0]
        box = re.match(r"\[([ xX])\]\s", lead.text)
        if box:
            text = ("☐ " if box[1] == " " else "☒ ") + lead.text[box.end() :]
            children = (replace(lead, text=text), *first.children[1:])
            item.children[0] = replace(first, children=children)


def _linked(text: str) -> list[Node]:
    """Return a text with its bare addresses as links."""
    found, end = [], 0
    for match in _URL.finditer(text):
        found.append(Node("text", text=text[end : match.start()]))
        found.append(Node("link", (Node("text", text=match[0]),), match[0]))
        end = match.end()
    found.append(Node("text", text=text[end:]))
    return [node for node in found if node.kind != "text" or node.text]


def _as_blocks(nodes: list[Node]) -> list[Node]:
    """Return nodes in which parts of lines have become paragraphs."""
    blocks = {"paragraph", "heading", "list", "table", "rule", "quote", "code", "item"}
    found: list[Node] = []
    run: list[Node] = []
    for node in [*nodes, Node("end")]:
        if node.kind not in blocks and node.kind != "end":
            run.append(node)
            continue
        if any(part.words.strip() or part.kind in {"image", "formula"} for part in run):
            found.append(Node("paragraph", tuple(_trimmed(_joined(run)))))
        run = []
        if node.kind == "paragraph" and not node.children:
            continue
        if node.kind != "end":
            found.append(node)
    return found


def _trimmed(nodes: list[Node]) -> list[Node]:
    if nodes and nodes[0].kind == "text":
        nodes[0] = replace(nodes[0], text=nodes[0].text.lstrip())
    if nodes and nodes[-1].kind == "text":
        nodes[-1] = replace(nodes[-1], text=nodes[-1].text.rstrip())
    return nodes


class _Html(HTMLParser):
    """Turns HTML into the nodes that Markdown has, and names what it has not."""

    def __init__(self, builder: _Builder, stack: list[_Frame], *, blocks: bool = False) -> None:
        super().__init__(convert_charrefs=True)
        self.builder, self.stack, self.blocks = builder, stack, blocks
        self.silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.builder.say(
            f"no raw HTML in a source: <{tag}>; it would be lost in the PDFs. Write Markdown"
        )
        named = {key: value or "" for key, value in attrs}
        top = self.stack[-1]
        if tag in _UNSHOWN:
            what = f" ({named['src']})" if named.get("src") else ""
            self.builder.say(f"<{tag}>{what} cannot be shown", lost=True)
            if tag != "embed" and self.blocks:
                self.silent = tag
        elif tag == "br":
            top.children.append(Node("break"))
        elif tag == "img":
            alt = (Node("text", text=named["alt"]),) if named.get("alt") else ()
            top.children.append(Node("image", alt, named.get("src", "")))
        elif tag in _INLINE_TAGS:
            self.stack.append(_Frame(_INLINE_TAGS[tag], tag))
        elif tag == "a" and named.get("href"):
            self.stack.append(_Frame("link", tag, named["href"]))
        elif tag == "hr" and self.blocks:
            top.children.append(Node("rule"))
        elif self.blocks and tag in _HEADINGS:
            self.stack.append(_Frame("heading", tag, level=_HEADINGS[tag]))
        elif self.blocks and tag in {"ul", "ol"}:
            self.stack.append(_Frame("list", tag, ordered=tag == "ol", start=1, tight=True))
        elif self.blocks and tag in {"li", "table", "tr"}:
            kind = {"li": "item", "table": "table", "tr": "row"}[tag]
            self.stack.append(_Frame(kind, tag))
        elif self.blocks and tag in {"td", "th"}:
            self.stack.append(_Frame("cell", tag, head=tag == "th", align=""))
        elif self.blocks and tag in _PARAGRAPH_TAGS:
            self.breaks()
            if tag not in {"p"}:
                self.builder.say(f"<{tag}> is left out; its words stay", lost=True)
        elif tag not in {"tbody", "thead", "wbr", "p"}:
            self.builder.say(f"<{tag}> is left out; its words stay", lost=True)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in {"br", "img", "hr", "embed", "wbr"}:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == self.silent:
            self.silent = ""
            return
        if self.blocks and tag in _PARAGRAPH_TAGS:
            self.breaks()
            return
        if not any(frame.tag == tag for frame in self.stack):
            return
        while self.stack[-1].tag != tag:
            if not self.stack[-1].tag:  # Markdown's own: the tags overlap
                return
            self.builder.unclosed(self.stack)
        frame = self.stack.pop()
        if frame.kind == "item":
            frame.children = _as_blocks(frame.children)
        self.stack[-1].children.append(frame.node())

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        top = self.stack[-1]
        if top.kind in {"list", "table", "row"} and not data.strip():
            return
        if self.blocks:
            data = re.sub(r"\s+", " ", data)
            for part in re.split(r"(\$\$.+?\$\$|\$[^\s$](?:[^$]*[^\s$])?\$)", data):
                if part.startswith("$") and part.endswith("$") and len(part) > 2:
                    display = part.startswith("$$")
                    tex = part.strip("$")
                    attrs = {"display": display, "form": "dollars"}
                    top.children.append(Node("formula", text=tex, attrs=attrs))
                elif part:
                    top.children.append(Node("text", text=part))
        else:
            top.children.append(Node("text", text=data))

    def breaks(self) -> None:
        """End the paragraph that stands open."""
        if self.stack[-1].kind in {"root", "item"}:
            self.stack[-1].children.append(Node("paragraph"))
