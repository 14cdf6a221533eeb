"""One reading of Markdown and formulas: every output shows the same, and names what it cannot."""

from __future__ import annotations

import base64
import io
import logging
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat.v4 as v4
import pytest
from nbformat import NotebookNode
from PIL import Image
from pypdf import PdfReader
from test_deck import SVG, code, lecture, prose, save, shows

from press.exports import compiled, formulas, glyphs, tex, typeset
from press.exports.export import export
from press.exports.slides import ExportError, Place
from press.exports.terminal import plain
from press.sources import reading
from press.sources.source import SourceError, read
from press.sources.text import numbers_differ

FORMATS = ("deck", "page", "slides-pdf", "handout-pdf")


def foreign(*cells: NotebookNode) -> NotebookNode:
    """Return a notebook as others write them: nothing of ours in its metadata."""
    return v4.new_notebook(cells=[prose("# Talk\n\nBy somebody"), *cells])


def picture(kind: str) -> bytes:
    """Return a small picture as a file of some kind."""
    buffer = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(buffer, kind)
    return buffer.getvalue()


def words(notebook: NotebookNode, tmp_path: Path, to: str) -> str:
    """Export a notebook and return the words that it shows, joined by single spaces."""
    path = export(save(notebook, tmp_path), tmp_path / "out", to)
    if path.suffix == ".pdf":
        return " ".join(" ".join(p.extract_text() for p in PdfReader(path).pages).split())
    html = path.read_text(encoding="utf-8")
    body = html[html.index("<body") :]
    body = re.sub(r"(?s)<script.*?</script>|<style.*?</style>|<math.*?</math>", "", body)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def typst_of(text: str, tmp_path: Path) -> str:
    """Return Markdown as Typst, after Typst has accepted it."""
    writer = typeset.Writer(tmp_path, tmp_path)
    writer.later(text, Place("x.ipynb", 0, prose(text)))
    (written,) = writer.typeset()
    typeset.prepare(tmp_path)
    head = typeset.template("common.typ", "handout.typ")
    typeset.compile_pdf(f"{head}\n#show: look\n{written}", tmp_path)
    return written


def kinds(text: str) -> list[str]:
    return [node.kind for node in reading.read(text).blocks]


def tex_of(text: str) -> list[tuple[str, bool]]:
    found = reading.read(text).formulas
    return [(node.text.strip(), node.attrs["display"]) for node in found]


# What is a formula ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$$\nh\n=\n\\tanh(x)\n$$", [("h\n=\n\\tanh(x)", True)]),
        ("$$\nL = a\n- b\n+ c\n$$", [("L = a\n- b\n+ c", True)]),
        ("$$\nz\n> 0\n1. y\n# c\n$$", [("z\n> 0\n1. y\n# c", True)]),
        ("Words:\n$$\na\n= b\n$$\nand more", [("a\n= b", True)]),
        ("Thus $$\na\n- b\n$$ holds", [("a\n- b", True)]),
        ("$$\n\nx = 1\n\n$$", [("x = 1", True)]),
        ("- item\n\n  $$\n  a\n  = b\n  $$", [("a\n= b", True)]),
        ("> $$\n> a\n> $$", [("a", True)]),
        ("\\begin{align}\na &= b\n\\end{align}", [("\\begin{align}\na &= b\n\\end{align}", True)]),
        (r"so \\(x_t\\) and \\[ y \\]", [("x_t", False), ("y", True)]),
        ("a $x$ and $ y $", [("x", False), ("y", False)]),
        ("from $5 to $6", []),
        (r"\$5 and \$6, $a$", [("a", False)]),
        ("a price of $5 or so, then $ x", []),
        ("`$x$` and ``$$y$$``", []),
        ("```\n$$\nx\n$$\n```", []),
        ("| $a$ | b |\n|---|---|\n| $c$ | d |", [("a", False), ("c", False)]),
    ],
)
def test_formulas_are_found_wherever_they_stand(text: str, found: list[Any]) -> None:
    assert tex_of(text) == found
    assert "heading" not in kinds(text)


def test_a_cell_ends_with_itself() -> None:
    first = reading.read("See [one][1].\n\n[1]: https://example.org/first")
    second = reading.read("As [1] says.\n\n```\nopen")
    third = reading.read("## Next")
    assert [n.text for n in first.walk() if n.kind == "link"] == ["https://example.org/first"]
    assert [n.text for n in second.walk() if n.kind == "link"] == []
    assert third.blocks[0].kind == "heading"
    assert any("is not closed" in remark.text for remark in second.remarks)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a\n\n---\n\nb", "a rule"),
        ("Title\n=====", "a heading is `## Title`"),
        ("```{note}\nx\n```", "directive"),
        (":::{note}\nx\n:::", "directive"),
        ("see {math}`x`", "a role"),
        ("word[^1].\n\n[^1]: note", "footnotes"),
        ("Term\n: text", "a definition list"),
        ("(my-label)=\n\nText", "a label"),
        ("\\begin{align}\na\n\\end{align}", "a bare"),
        (r"\\(x\\)", "between dollars"),
        ("$ x $", "inside the dollars"),
        ("a <b>c</b>", "no raw HTML"),
        ("<div>\nx\n</div>", "no raw HTML"),
        ("when x <y and z> w", "HTML for Jupyter"),
        ("[above](#sec)", "leads nowhere"),
        ("~~~python\nx", "not closed"),
        ("<!-- hidden\n\nwords", "is not closed"),
    ],
)
def test_what_is_beyond_the_subset_is_said(text: str, says: str) -> None:
    assert any(says in remark.text for remark in reading.read(text).remarks)


@pytest.mark.parametrize(
    "text",
    [
        "- [x] done\n- [ ] not",
        "```python\nx\n```",
        "- a:\n\n  ```python\n  d = {'a': 1}\n  ```\n- b",
        "x < y and z > w, a<5",
        "<https://example.org> and https://example.org/a_b.",
        "**bold** *it* ~~no~~ `{x}` text",
        "<!-- a note -->",
        "| a | b |\n|:-:|--:|\n| 1 | 2 |",
        "100 %: and so\n: )",
    ],
)
def test_what_is_in_the_subset_is_not_remarked_on(text: str) -> None:
    said = [r.text for r in reading.read(text).remarks if "definition" not in r.text]
    assert not said


# Formulas in PDFs ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("latex", "holds"),
    [
        (r"x \;\text{if}\; y", "#h(0.2778em)"),
        (r"a \enspace b", "#h(0.5em)"),
        (r"a \hspace{.5em} b", "#h(0.5em)"),
        (r"a \: b", "#h(0.2222em)"),
        (r"|x| \le 1", "lr(|x|)"),
        (r"||x|-|y|| \le |x-y|", "lr(|lr(|x|) - lr(|y|)|)"),
        (r"x \bigg|_{y}", r")[\|]"),
        (r"\|x\|", 'class("normal", bar.v.double) x'),
        (r"\left\lVert x - y \right\rVert^2", "lr(bar.v.double x - y bar.v.double)^2"),
        (r"\left\| x_t \right\|_2", "lr(bar.v.double x_t bar.v.double)_2"),
        (r"\{x | x > 0\}, \{y | y < 1\}", 'x class("normal", bar.v) x'),
        (r"P(A | \sum_i b_i)\prod_j P(C | D)", 'A class("normal", bar.v)'),
        (r"\begin{aligned} a &= b & c &= d \end{aligned}", "b & quad c"),
        (r"\begin{array}{ll} a & b \\ c & d \end{array}", "a & quad b"),
        (r"\begin{align} a &= b \\ c &= d \end{align}", "a & = b"),
        (r"{\rm new} + \bf x", "upright("),
        (r"\begin{pmatrix} a & b \end{pmatrix}", "a, b"),
        (r"\text{for a\;b}", "for a"),
    ],
)
def test_nothing_of_a_formula_is_lost_in_pdfs(latex: str, holds: str) -> None:
    (written,) = tex.to_typst([(latex, True)])
    assert isinstance(written, str) or latex.startswith(r"\text"), written
    assert holds in str(written)
    place = Place("x", 0, prose(f"$${latex}$$"))
    if isinstance(written, str):
        assert not formulas._uncompiled([formulas.Formula(latex, True, place)], [written])


def test_each_bad_formula_is_named_with_its_cell() -> None:
    cells = [prose("$a$, $\\foo$"), prose("$\\frac{1}{\\bar}$ and $b$"), prose("$c$")]
    found = formulas.formulas(v4.new_notebook(cells=cells), "x.ipynb")
    said = [str(error) for error in formulas.refused(found)]
    assert {"1", "2"} == {line.split("cell ")[1][0] for line in said}
    assert any("foo" in line and "KaTeX" in line for line in said)
    assert any("foo" in line and "pandoc" in line for line in said)


def test_a_formula_that_typst_alone_refuses_is_found_by_its_line() -> None:
    fine, bad = (formulas.Formula(t, False, Place("x", 0, prose(t))) for t in ("a", "b"))
    errors = formulas._uncompiled([fine, bad], ["$a$", "$nosuchname(b)$"])
    assert [error.formula for error in errors] == ["b"]


def test_words_reach_typst_whatever_they_mean_there(tmp_path: Path) -> None:
    odd = "= no heading\n+ a #let x = 1 // $5 @home *a_b* [c] <d> ~e -- ... 1. \"q\" 'r' \\\\ /"
    written = typst_of(odd.replace("*", "\\*"), tmp_path)
    assert not re.search(r"(?<!\\)#let", written)
    assert "\\#" in written


def test_a_short_table_is_not_broken_between_pages(tmp_path: Path) -> None:
    head = "| a | b |\n|---|---|\n"
    assert "breakable: false" in typst_of(head + "| 1 | 2 |\n" * 5, tmp_path)
    assert "breakable: false" not in typst_of(head + "| 1 | 2 |\n" * 50, tmp_path)


# Foreign notebooks ---------------------------------------------------------------------------


@pytest.mark.parametrize("to", FORMATS)
def test_sections_that_begin_with_h1_keep_their_order(to: str, tmp_path: Path) -> None:
    text = words(
        foreign(
            prose("# Gradients\n\nFirst words.\n\nSecond words.\n\nThird words.", "slide"),
            prose("# Remedies\n\n1. clip\n2. gate\n\nLast words.", "slide"),
        ),
        tmp_path,
        to,
    )
    order = [text.rindex(w) for w in ("Gradients", "First", "Second", "Third", "clip", "Last")]
    assert order == sorted(order)


@pytest.mark.parametrize("to", FORMATS)
def test_the_first_cell_may_hold_anything(to: str, tmp_path: Path) -> None:
    notebook = v4.new_notebook(
        cells=[
            prose(
                "# Nets in *Keras*\n\nInstall:\n\n```bash\npip a\n\npip b\n```\n\n"
                "- **one**\n- two\n\n"
                "| a | b |\n|---|---|\n| 1 | 2 |\n\n> ![A valve](../../img/pl/valve.svg)\n\n"
                "See [site](https://example.org)."
            ),
            code("plot()", outputs=[shows({"image/png": {"alt": "A dot"}}, image_png=png())]),
        ]
    )
    text = words(notebook, tmp_path, to)
    assert "**" not in text
    assert "](" not in text
    assert "*Keras*" not in text
    order = [text.rindex(word) for word in ("Nets", "Install", "pip a", "pip b", "one", "See")]
    assert order == sorted(order)


def png() -> str:
    return base64.b64encode(picture("PNG")).decode()


@pytest.mark.parametrize("to", FORMATS)
def test_html_is_shown_as_far_as_markdown_goes_and_the_rest_named(
    to: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    text = words(
        foreign(
            prose(
                "First<br>second H<sub>2</sub>O <kbd>Ctrl</kbd>\n\n"
                '<img src="../../img/pl/valve.svg" alt="A valve" width="300">\n\n'
                '<div class="alert">\n<b>Note:</b> read <a href="https://example.org">this</a>.\n'
                "</div>\n\n<style>\n.reveal { color: red }\n</style>\n\n<!-- private -->\n\n"
                "<center><h2>Two</h2></center>\n\nA &lt; B",
                "slide",
            )
        ),
        tmp_path,
        to,
    )
    for word in ("First second", "Note:", "this", "Two", "A < B" if "pdf" in to else "A &lt; B"):
        assert word in text
    for word in ("<br", "&lt;br", "private", "color: red }"):
        assert word not in text
    assert "cell 2" in caplog.text
    assert "<style> cannot be shown" in caplog.text
    assert "<div> is left out" in caplog.text


def test_the_course_refuses_what_others_are_warned_of(tmp_path: Path) -> None:
    bad = lecture()
    bad.cells[1].source = "<div>\nx\n</div>"
    for to in FORMATS:
        with pytest.raises(ExportError, match=r"cell 2 \(cell-1\): <div> is left out"):
            export(save(bad, tmp_path), tmp_path, to)


def test_an_exporter_can_be_told_to_refuse(tmp_path: Path) -> None:
    from press.exports.deck import DeckExporter

    path = save(foreign(prose("![](../../img/pl/valve.svg)", "slide")), tmp_path)
    with pytest.raises(ExportError, match=r"cell 2.*no alt text"):
        DeckExporter(strict=True).from_filename(str(path))
    html, _ = DeckExporter(strict=False).from_filename(str(path))
    assert "<svg" in html


def test_losses_are_on_the_standard_error(tmp_path: Path) -> None:
    path = save(foreign(prose("<div>\nx\n</div>", "slide")), tmp_path)
    script = (
        "from press.exports.export import export; from pathlib import Path; "
        f"export(Path({str(path)!r}), Path({str(tmp_path)!r}), 'page')"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "cell 2" in ran.stderr
    assert "<div> is left out" in ran.stderr


@pytest.mark.parametrize("to", FORMATS)
def test_pictures_are_known_by_their_content(
    to: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "lectures" / "pl" / "figs"
    folder.mkdir(parents=True)
    (folder / "with space ąę.png").write_bytes(picture("PNG"))
    (folder / "really_png.jpg").write_bytes(picture("PNG"))
    (folder / "moving.gif").write_bytes(picture("GIF"))
    (folder / "small.webp").write_bytes(picture("WEBP"))
    pasted = prose("![Pasted in](attachment:image.png)", "slide")
    pasted["attachments"] = {"image.png": {"image/png": png()}}
    names = ["<figs/with space ąę.png>", "figs/with%20space%20%C4%85%C4%99.png", "figs/moving.gif"]
    names += ["figs/really_png.jpg", "figs/small.webp", "figs/really_png.jpg?raw=true"]
    names += [f"data:image/png;base64,{png()}"]
    text = "\n\n".join(f"![A red box]({name})" for name in names)
    notebook = foreign(prose(text, "slide"), pasted)
    path = export(save(notebook, tmp_path), tmp_path / "out", to)
    assert "picture" not in caplog.text
    if path.suffix == ".html":
        html = path.read_text(encoding="utf-8")
        assert html.count('alt="A red box"') == 7
        assert html.count('alt="Pasted in"') == 1


@pytest.mark.parametrize("to", FORMATS)
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("![A cat](https://example.org/cat.png)", "on another host"),
        ("![A cat](nowhere.png)", "there is no picture nowhere.png"),
        ("![A cat](attachment:cat.png)", "no attachment 'cat.png'"),
        ("![A cat](cat.bmp)", "must be one of .svg"),
        ("![A cat](data:image/png;base64,%%%)", "picture data:image/png"),
    ],
)
def test_a_picture_that_cannot_be_shown_is_named_and_its_alt_text_shown(
    to: str, text: str, says: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    notebook = foreign(prose(f"Before.\n\n{text}\n\nAfter.", "slide"))
    save(notebook, tmp_path)
    (tmp_path / "lectures" / "pl" / "cat.bmp").write_bytes(picture("BMP"))
    shown = words(notebook, tmp_path, to)
    assert "[A cat]" in shown
    assert "After." in shown
    assert says in caplog.text
    assert "cell 2" in caplog.text


@pytest.mark.parametrize("to", FORMATS)
def test_outputs_of_others_are_shown_or_named(
    to: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    named = code("a", "slide", [shows(image_png=png())])
    named.metadata["alt"] = "A line that rises"
    video = shows(text_html="<iframe>", text_plain="<IPython.lib.display.YouTubeVideo at 0x7f>")
    widget = v4.new_output("display_data", data={"application/vnd.jupyter.widget-view+json": {}})
    notebook = foreign(
        named,
        code("b", outputs=[shows(image_png=png())]),
        code("c", outputs=[shows(text_html="<table>", text_plain="   city\n0  Łódź")]),
        code("d", outputs=[video]),
        code("e", outputs=[widget]),
        code("f", outputs=[shows(image_gif=base64.b64encode(picture("GIF")).decode())]),
    )
    text = words(notebook, tmp_path, to)
    assert "Łódź" in text
    said = [r.getMessage() for r in caplog.records if "lines high" not in r.getMessage()]
    assert [re.search(r"cell (\d)", line)[1] for line in said] == ["3", "5", "6", "7"]  # type: ignore[index]
    assert "the key `alt` of the cell's metadata" in said[0]
    assert "only its name" in said[1]
    assert "widget-view" in said[2]


@pytest.mark.parametrize("to", FORMATS)
def test_links_inside_a_notebook_lead_there_or_are_words(to: str, tmp_path: Path) -> None:
    notebook = foreign(
        prose("- [to one](#First-part)\n- [to two](#second-part)\n- [lost](#nowhere)", "slide"),
        prose("## First part\n\nWords.", "slide"),
        prose("## Second part\n\nBack to [the first](#First-part).", "slide"),
    )
    text = words(notebook, tmp_path, to)
    assert "to one" in text
    assert "lost" in text
    if to == "page":
        html = (tmp_path / "out" / "03_gates.html").read_text(encoding="utf-8")
        links = re.findall(r'<a href="#([^"]*)">(?:to one|to two|the first|lost)', html)
        assert links == ["first-part", "second-part", "first-part"]
        assert all(f'id="{link}"' in html for link in links)


def test_characters_without_a_glyph_are_named_by_cell(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    notebook = foreign(
        prose("Привет αβγ tiếng Việt zażółć → ✓ ☐", "slide"),
        prose("隐藏 🚀", "slide"),
        code("x", outputs=[v4.new_output("stream", text="结果 1\n")]),
    )
    export(save(notebook, tmp_path), tmp_path, "slides-pdf")
    said = [record.getMessage() for record in caplog.records]
    assert [re.search(r"cell (\d)", line)[1] for line in said] == ["3", "4"]  # type: ignore[index]
    assert "隐 (U+9690)" in said[0]


def test_typst_tells_which_characters_it_has() -> None:
    assert glyphs.without("zażółć ż Ω → ✓ ✗ ○ ├── █ नमस्ते שלום") == []
    assert glyphs.without("你🚀a") == ["你", "🚀"]


@pytest.mark.parametrize("to", FORMATS)
def test_nothing_is_cut_off_in_silence(
    to: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    long = "".join(f"epoch {n} of many\n" for n in range(150))
    wide = " + ".join(f"w_{{{n}}} x_{{{n}}}" for n in range(60))
    heads = "|".join(f" feature {n} " for n in range(25))
    table = f"|{heads}|\n|{'---|' * 25}\n|{heads}|"
    notebook = foreign(
        code("fit()", "slide", [v4.new_output("stream", text=long)]),
        prose(f"$${wide}$$", "slide"),
        prose(table, "slide"),
    )
    text = words(notebook, tmp_path, to)
    assert all(f"epoch {n} of many" in text for n in range(150))
    assert "feature 24" in text
    if to == "slides-pdf":
        assert "slide 2 is too long for a page" in caplog.text
        assert caplog.text.count("is too wide for its page") == 2
        for page in PdfReader(tmp_path / "out" / "03_gates.slides.pdf").pages:
            assert float(page.mediabox.width) == 960
    elif to == "deck":
        assert "slide 2 is about" in caplog.text


def test_deck_of_another_notebook_scrolls_where_it_is_too_full(tmp_path: Path) -> None:
    path = export(save(foreign(prose("words", "slide")), tmp_path), tmp_path, "deck")
    html = path.read_text(encoding="utf-8")
    assert 'class="slide foreign"' in html
    assert re.search(r"section\.foreign \.content\s*\{\s*overflow:\s*auto", html)


# Printed text --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("a\r\nb\r\n", "a\nb"),
        ("\r 0%|  |\r50%|# |\r100%|##|\n", "100%|##|"),
        ("12345\rab\n", "ab345"),
        ("loss 0.9\b\b\b0.1\n", "loss 0.1"),
        ("\x1b[1m 1/3\x1b[0m \x1b[38;5;208mok\x1b[38:2::1:2:3m!\x1b[m\n", " 1/3 ok!"),
        (
            "\x1b[?25lWorking \x1b]8;;https://x\x1b\\link\x1b]8;;\x1b\\ done\x1b(B\n",
            "Working link done",
        ),
        ("one\x1b[2K\x1b[?25h\n", "one"),
        ("old words\r\x1b[2Knew\n", "new"),
        ("one\ntwo\x1b[1A\rONE\n", "ONE\ntwo"),
        ("a\x00\x07b\tc\n", "ab\tc"),
        ("\x1b[Kx\n\n", "x"),
    ],
)
def test_printed_text_is_shown_in_its_last_state(printed: str, shown: str) -> None:
    assert plain(printed) == shown


# Sources -------------------------------------------------------------------------------------


def with_text(lecture: Path, pl: str, en: str | None = None) -> Path:
    """Put a paragraph into both halves of the small lecture."""
    text = lecture.read_text(encoding="utf-8")
    text = text.replace("\n\n<!-- en -->", f"\n\n{pl}\n\n<!-- en -->", 1)
    text = text.replace(
        "\n\n```{code-cell}", f"\n\n{pl if en is None else en}\n\n```{{code-cell}}", 1
    )
    lecture.write_text(text, encoding="utf-8")
    return lecture


def problems(path: Path) -> list[str]:
    try:
        return [str(problem) for problem in compiled.problems(read(path))]
    except SourceError as error:
        return [str(problem) for problem in error.problems]


@pytest.mark.parametrize(
    ("pl", "en"),
    [
        ("Potrzebny jest Python 3.11 i Keras 3.10.0.", "Python 3.11 and Keras 3.10.0 are needed."),
        ("Zob. rozdział 2.3 i sala 3.14.", "See section 2.3 and room 3.14."),
        ("GPT-3.5 i ResNet-50, LSTM 2.0", "GPT-3.5 and ResNet-50, LSTM 2.0"),
        ("Dnia 31.01.2024 i 2024-02-29.", "On 31 January 2024 and 29 February 2024."),
        ("Dnia 31 stycznia 2024.", "On January 31, 2024."),
        ("Rozmiary (8,16,32) i [100,200,300].", "Sizes (8,16,32) and [100,200,300]."),
        ("Para (8,16).", "The pair (8,16)."),
        ("Zajęcia o 10.15.", "Class at 10:15."),
        ("Wynik to 2,5. Koniec, 10 000.", "The result is 2.5. End, 10,000."),
        ("W 2. kroku i w latach 90. XX wieku.", "In step 2 and in the 90s."),
        ("Cena \\$5 i \\$6.", "Price \\$5 and \\$6."),
        ("Ekran 15\" i 5'.", "Screen 15\" and 5'."),
        ("https://doi.org/10.1162/neco.1997.9.8.1735",) * 2,
        ("Gdy x < y, a<5 i z > w.", "When x < y, a<5 and z > w."),
        ("z\u0307o\u0301łw: Wie\u0328cej.", "A tortoise."),
        ("Od −2,5 do 3, lata 1949–1960, 1e-3.", "From −2.5 to 3, years 1949–1960, 1e-3."),
        ("$$\nh\n=\nx\n$$\n\n$$\nL = a\n- b\n$$",) * 2,
        ("$A = \\{x | x > 0\\}, B = \\{y | y < 1\\}$",) * 2,
        (
            "Zob. [opis][1].\n\n[1]: https://example.org/a",
            "See [it][1].\n\n[1]: https://example.org/a",
        ),
        ('- punkt:\n\n  ```python\n  d = {"a": 1}\n  ```',) * 2,
    ],
)
def test_what_is_right_is_no_false_alarm(lecture: Path, pl: str, en: str) -> None:
    assert problems(with_text(lecture, pl, en)) == []


@pytest.mark.parametrize(
    ("pl", "en"),
    [
        ("Wynik to 2.5.", "The result is 2.5."),
        ("To 16.384 bajtów.", "These are 16,384 bytes."),
        ("Python 3.11", "Python 3.12"),
        ("Dnia 31.01.2024.", "On 30 January 2024."),
        ("od 2.75 do 3", "from 2.75 to 3"),
        ("Rozmiary (8,16,32).", "Sizes (8,16,33)."),
        ("ma 3,5", "has 35"),
    ],
)
def test_numbers_that_differ_are_still_refused(pl: str, en: str) -> None:
    assert numbers_differ(pl, en)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("\\begin{align}\na &= b\n\\end{align}", "a bare"),
        (r"\\(x_t\\)", "between dollars"),
        ("```{admonition} A\nabc\n```", "directive"),
        (":::{note}\nabc\n:::", "directive"),
        ("x[^1].\n\n[^1]: abc", "footnotes"),
        ("RNN\n: LSTM", "a definition list"),
        ("---", "a rule"),
        ("GRU\n===", "a heading is `## Title`"),
        ("x {math}`x^2`", "a role"),
        ("(abc)=", "a label"),
        ("[x](#sec)", "leads nowhere"),
        ("x <y i z> w", "HTML for Jupyter"),
        ("znak 你好", "no font of the PDFs"),
        ("$\\frac{1}{\\foo}$", "cannot be set: KaTeX"),
        ("$\\over$", "cannot be set"),
    ],
)
def test_what_no_output_shows_is_refused_with_file_line_and_cell(
    lecture: Path, text: str, says: str
) -> None:
    said = problems(with_text(lecture, text))
    assert said
    assert any(says in line for line in said), said
    for line in said:
        assert re.match(rf"{re.escape(str(lecture))}:\d+: cell the-product-in-pairs: ", line), line


def test_every_bad_cell_is_named_in_one_check(lecture: Path) -> None:
    text = with_text(lecture, "$\\foo$").read_text(encoding="utf-8")
    lecture.write_text(text.replace("Zapytaj.", "Zapytaj $\\baz$.").replace("Ask.", "Ask $\\baz$."))
    said = "\n".join(problems(lecture))
    assert "foo" in said
    assert "baz" in said


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_a_mark_in_front_do_not_matter(
    lecture: Path, newline: str, mark: str
) -> None:
    before = read(lecture)
    text = lecture.read_text(encoding="utf-8")
    lecture.write_bytes((mark + text.replace("\n", newline)).encode())
    after = read(lecture)
    assert [c.text for c in after.cells] == [c.text for c in before.cells]
    assert [c.code for c in after.cells] == [c.code for c in before.cells]


@pytest.mark.parametrize(
    ("encoding", "says"),
    [("cp1250", "Windows-1250"), ("iso8859-2", "ISO 8859-2"), ("utf-16", "UTF-16")],
)
def test_another_encoding_is_named_and_other_sources_are_checked(
    lecture: Path, encoding: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from press.__main__ import main

    other = lecture.with_name("08_other.md")
    other.write_text(
        lecture.read_text(encoding="utf-8").replace("has 2.5", "has 2.6"), encoding="utf-8"
    )
    polish = lecture.read_text(encoding="utf-8").replace("Zapytaj.", "Zapytaj o gęślą jaźń, bądź.")
    lecture.write_bytes(polish.encode(encoding))
    assert main(["check", str(lecture), str(other)]) == 1
    said = capsys.readouterr().err
    assert says in said
    assert "save it as UTF-8" in said
    assert "the numbers differ" in said


# Jupytext ------------------------------------------------------------------------------------


def test_saving_a_source_in_jupyterlab_loses_nothing(lecture: Path, root: Path) -> None:
    from jupyter_server.services.contents.largefilemanager import LargeFileManager
    from jupytext.sync_contentsmanager import build_sync_jupytext_contents_manager_class

    manager = build_sync_jupytext_contents_manager_class(LargeFileManager)(
        root_dir=str(lecture.parent)
    )
    model = manager.get(lecture.name, type="notebook")
    before = read(lecture)
    manager.save(model, lecture.name)
    after = read(lecture)
    assert after.title == before.title
    assert after.objectives == before.objectives
    assert [c.text for c in after.cells] == [c.text for c in before.cells]
    assert [c.code for c in after.cells] == [c.code for c in before.cells]
    assert [c.metadata for c in after.cells] == [c.metadata for c in before.cells]


def test_the_header_that_saving_would_delete_is_refused(lecture: Path) -> None:
    text = lecture.read_text(encoding="utf-8")
    lecture.write_text(text.replace("  notebook_metadata_filter: unrolled\n", ""), encoding="utf-8")
    with pytest.raises(SourceError, match="notebook_metadata_filter"):
        read(lecture)


def test_clones_on_windows_have_the_same_bytes(root: Path) -> None:
    rules = (root / ".gitattributes").read_text(encoding="utf-8")
    assert re.search(r"^\* text=auto eol=lf$", rules, re.MULTILINE)
    odd = subprocess.run(
        ["git", "ls-files", "--eol"], cwd=root, capture_output=True, text=True, check=False
    )
    if odd.returncode == 0:
        assert not [row for row in odd.stdout.splitlines() if row.startswith("i/crlf")]


def test_a_drawing_that_is_not_well_formed_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = save(foreign(prose("![A valve](../../img/pl/valve.svg)", "slide")), tmp_path)
    (tmp_path / "img" / "pl" / "valve.svg").write_text(SVG.replace("</svg>", ""))
    with caplog.at_level(logging.WARNING):
        export(path, tmp_path, "deck")
    assert "not well-formed SVG" in caplog.text
