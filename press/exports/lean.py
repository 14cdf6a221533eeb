"""What a page can do without, so that it looks the same and weighs less."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO

from PIL import Image

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_STYLED = re.compile(r'<[a-zA-Z][^<>]*? style="([^"]*)"[^<>]*>')
_CLASSES = re.compile(r'<span class="([^"]*)"')
#: KaTeX's names of what a sign is, after it has set the room around it: its sheet has none of them.
_ATOMS = frozenset({"mord", "mbin", "mrel", "mopen", "mclose", "mpunct", "minner", "mtight"})
_NOTES = re.compile(r'(<aside class="notes">.*?</aside>)', re.DOTALL)


@lru_cache(maxsize=256)
def webp(png: str) -> str | None:
    """Return a PNG as lossless WebP, both in base64; None if that is not smaller.

    Every pixel stays as it is.
    """
    with Image.open(BytesIO(base64.b64decode(png))) as image:
        whole = image.convert("RGBA" if image.has_transparency_data else "RGB")
    found = []
    for quality, method in ((25, 3), (75, 4)):  # now the one is smaller, now the other
        buffer = BytesIO()
        # `exact` keeps the colours of transparent pixels too.
        whole.save(buffer, "WEBP", lossless=True, exact=True, quality=quality, method=method)
        found.append(buffer.getvalue())
    data = base64.b64encode(min(found, key=len)).decode("ascii")
    return data if len(data) < len(png) else None


def bare(html: str) -> str:
    """Return HTML without what changes nothing: names that no style sheet knows, name spaces.

    An HTML parser gives MathML and SVG their name spaces by itself.
    """
    html = re.sub(r'<(math|svg) xmlns="[^"]*"', r"<\1", html)
    return _CLASSES.sub(_classes, html)


def _classes(match: re.Match[str]) -> str:
    kept = [name for name in match[1].split() if name not in _ATOMS]
    return f'<span class="{" ".join(kept)}"' if kept else "<span"


def shared_styles(html: str) -> tuple[str, str]:
    """Move the styles that several elements have in common into rules.

    KaTeX and matplotlib say with each element how it looks, in the same few ways. What stands in
    notes stays: their window has no style sheet.

    Args:
        html: a page's body.

    Returns:
        The body, and the rules that it then needs. They are marked important, since that is how
        a style of an element's own ranks against other rules.
    """
    parts = _NOTES.split(html)
    found = Counter(style for part in parts[::2] for style in _STYLED.findall(part))
    names: dict[str, str] = {}
    rules = []
    for style, number in sorted(found.items(), key=lambda item: (-item[1], item[0])):
        declarations = [d.strip() for d in style.split(";") if d.strip()]
        if number < 3 or "!" in style or "&" in style or "(" in style:
            continue
        names[style] = f"_{_short(len(names))}"
        body = ";".join(f"{declaration}!important" for declaration in declarations)
        rules.append(f".{names[style]}{{{body}}}")

    def named(tag: re.Match[str]) -> str:
        name = names.get(tag[1])
        if not name:
            return tag[0]
        bare = tag[0].replace(f' style="{tag[1]}"', "", 1)
        if ' class="' in bare:
            return re.sub(r' class="([^"]*)"', rf' class="\1 {name}"', bare, count=1)
        return re.sub(r"^<[\w:-]+", rf'\g<0> class="{name}"', bare)

    parts[::2] = [_STYLED.sub(named, part) for part in parts[::2]]
    return "".join(parts), "\n".join(rules)


def _short(number: int) -> str:
    text = _DIGITS[number % 36]
    while number := number // 36:
        text = _DIGITS[number % 36] + text
    return text


def used_rules(css: str, page: str) -> str:
    """Return a style sheet without the rules that cannot match anything of a page.

    Args:
        css: the style sheet.
        page: all that may name a class, an id or an attribute's value: the page's elements and
            its scripts. A selector stays unless it asks for a name that occurs nowhere.
    """
    return _used(css, frozenset(re.findall(r"[\w-]+", page)))


def _used(css: str, known: frozenset[str]) -> str:
    kept = []
    for prelude, body in _blocks(re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)):
        if body is None:
            kept.append(f"{prelude};")
        elif prelude.startswith(("@media", "@supports", "@layer")):
            inner = _used(body, known)
            if inner:
                kept.append(f"{prelude}{{{inner}}}")
        elif prelude.startswith("@") or "{" in body:  # key frames; nested rules
            kept.append(f"{prelude}{{{body}}}")
        else:
            selectors = [s for s in _selectors(prelude) if _may_match(s, known)]
            if selectors:
                kept.append(f"{','.join(selectors)}{{{body}}}")
    return "".join(kept)


def _blocks(css: str) -> Iterator[tuple[str, str | None]]:
    """Yield each rule's prelude and body; a statement that has no body comes with None."""
    start = opened = depth = 0
    for match in re.finditer(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|[{};]', css):
        sign = match[0]
        if sign == "{":
            if not depth:
                opened = match.start()
            depth += 1
        elif sign == "}":
            depth -= 1
            if not depth:
                yield css[start:opened].strip(), css[opened + 1 : match.start()].strip()
                start = match.end()
        elif sign == ";" and not depth:
            yield css[start : match.start()].strip(), None
            start = match.end()


def _selectors(prelude: str) -> list[str]:
    """Split at the commas that stand in no bracket."""
    parts = re.findall(r"(?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\]]*\]|[^,(\[])+", prelude)
    return [part.strip() for part in parts if part.strip()]


def _may_match(selector: str, known: frozenset[str]) -> bool:
    while "(" in selector:  # what :not, :is, :has name need not be there
        shorter = re.sub(r":[\w-]+\([^()]*\)|\([^()]*\)", "", selector)
        if shorter == selector:
            return True
        selector = shorter
    values = re.findall(r"""\[[\w-]+=["']?([\w-]+)["']?\]""", selector)
    selector = re.sub(r"\[[^\]]*\]", "", selector)
    return set(values) <= known and set(re.findall(r"[.#]([\w-]+)", selector)) <= known
