"""A malformed source is refused with an error that names the line and says what to do."""

from __future__ import annotations

from pathlib import Path

import course
import pytest

from press.notebooks.editions import Edition, render
from press.sources.source import SourceError, find, read


def line_of(path: Path, needle: str) -> int:
    rows = path.read_text(encoding="utf-8").splitlines()
    return next(i for i, row in enumerate(rows, 1) if needle in row)


def broken(path: Path, old: str, new: str) -> SourceError:
    """Return the error of a source in which `old` was replaced."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, f"the fixture does not hold {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read(path)
    return caught.value


def test_a_good_lecture_is_read(lecture: Path) -> None:
    source = read(lecture)
    assert (source.kind, source.number, source.slug) == ("lecture", "07", "trial")
    assert [c.slide_type for c in source.cells] == ["slide", "fragment", "notes"]
    assert [c.id for c in source.cells] == [
        "the-product-in-pairs",
        "the-product-in-pairs-2",
        "the-product-in-pairs-3",
    ]
    assert source.cells[0].text["pl"].startswith("## Iloczyn")
    assert source.cells[0].text["en"].startswith("## The product")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("<!-- en -->\n", "", "the English half is missing"),
        ("## The product in pairs\n", "", "headings differ"),
        (r"$a \odot b$ has", r"$a \cdot b$ has", "the formulas differ"),
        ("has 2.5", "has 2.6", "the numbers differ"),
        ("16,384", "16,385", "the numbers differ"),
        ("https://en.wikipedia.org/x", "https://en.wikipedia.org/y", "the links differ"),
        ("elements;", "`elements`;", "the code differ"),
        ('"slide_type": "slide"', '"slide_type": "slyde"', "unknown slide type 'slyde'"),
        ('"minutes": 3', '"minutes": 33', "minutes add up to 33"),
        ("print(total)\n```", "print(total)", "never closed"),
        ("## The product", "## The <b>product</b>", "no raw HTML"),
        ("Zapytaj.", 'Zapytaj "kogo".', "Polish quotes"),
        ("Ask.", "Ask „whom”.", "English quotes"),
        ("Zapytaj.", "![plan](../img/pl/nowhere.svg)", "needs an alt text"),
        ("Ask.", "![a long description](https://x.org/a.png)", "on another host"),
        ("Ask.", "![a long description](../img/en/nowhere.svg)", "there is no picture"),
        ("Ask.", "Ask $x.", "without its partner"),
        ("title: {pl: Próba, en: A trial}", "title: {pl: Próba}", "must have both languages"),
        ("  minutes: 3\n", "", "lacks `minutes`"),
        ("kind: lecture", "kind: lab", "does not fit the folder"),
        (
            "  minutes: 3\n",
            "  minutes: 3\n  executed: twice\n",
            "`executed: by edition` or nothing",
        ),
        ("  minutes: 3\n", "  minutes: 3\n  executed: by edition\n", "needs one line `LANGUAGE"),
        ("print(total)", 'LANGUAGE = "pl"', "needs `executed: by edition` in the header"),
        ("unrolled:\n", "unroled:\n", "no `unrolled:` part"),
        ("slideshow: {slide_type: fragment}", "colour: red", "unknown cell metadata 'colour'"),
        ("slideshow: {slide_type: fragment}", "tags: [exercize]", "unknown tag 'exercize'"),
        ("print(total)", "claim(pl='tak', en='yes')", "below the assertions"),
        ("print(total)", "assert total\nclaim(pl='ma 2', en='has 3')", "the numbers differ"),
        ("print(total)", "assert total\nclaim('tak')", "a claim is in both languages"),
        ("slideshow: {slide_type: fragment}", "steps: 1-3", "beyond the code's 2 lines"),
        ("slideshow: {slide_type: fragment}", "steps: one", "`steps` are lines of the code"),
        ("Ask.", "Ask $\\tint{forgot}{f}$.", "the roles are forget"),
        ("## The product", "# The product", "holds its heading alone"),
        ('"minutes": 3', '"minutes": 3, "appendix": true', "belongs to the section that begins"),
    ],
)
def test_what_is_wrong_with_a_lecture_is_said(lecture: Path, old: str, new: str, says: str) -> None:
    error = broken(lecture, old, new)
    assert says in str(error)
    assert str(lecture) in str(error)


def test_a_section_shows_the_agenda_with_itself_lit(lecture: Path) -> None:
    def section(pl: str, en: str, more: str = "") -> str:
        head = f'\n+++ {{"slideshow": {{"slide_type": "slide"}}{more}}}\n\n'
        return f"{head}# {pl}\n\n<!-- en -->\n\n# {en}\n"

    text = lecture.read_text(encoding="utf-8")
    first = text.index("\n+++ ")
    text = text[:first] + section("Pary", "Pairs") + text[first:] + section("Koniec", "The end")
    lecture.write_text(text + section("Dodatek", "Appendix", ', "appendix": true'))
    source = read(lecture)
    assert [cell.text["en"] for cell in source.sections] == ["# Pairs", "# The end", "# Appendix"]
    made = {cell.id: cell for cell in render(source, Edition("en", "lecture")).cells}
    assert made["pairs"].source == "# Pairs\n\n1. **Pairs**\n1. The end"
    assert made["the-end"].source == "# The end\n\n1. Pairs\n1. **The end**"
    assert made["appendix"].source == "# Appendix"
    assert made["appendix"].metadata["unrolled"] == {"section": "appendix"}


def test_the_error_names_the_line_of_the_cell(lecture: Path) -> None:
    line = line_of(lecture, "## Iloczyn")
    error = broken(lecture, "has 2.5", "has 2.6")
    assert abs(error.problems[0].line - line) <= 2


@pytest.mark.parametrize(
    ("old", "new", "says", "near"),
    [
        ("    ### END SOLUTION\n", "", "never closed", "### BEGIN SOLUTION"),
        ("    ### BEGIN SOLUTION\n", "", "`### END SOLUTION` without", "### END SOLUTION"),
        ("id: twice\n", "", "an exercise needs an `id`", "def twice"),
        ("exercise: trial/twice\n", "", "says whose it is: `exercise: lab/name`", "def twice"),
        ("exercise: trial/", "exercise: other/", "an exercise is called trial/name", "def twice"),
        ("def twice(x):", "print(1)\nif True:", "defines a function or a variable", "if True"),
        ("Just so.\n<!-- END SOLUTION -->", "Just so.", "never closed", "Pytanie otwarte"),
        ("id: twice-hidden", "id: twice", "stands in line", "assert twice"),
    ],
)
def test_what_is_wrong_with_a_lab_is_said(
    lab: Path, old: str, new: str, says: str, near: str
) -> None:
    error = broken(lab, old, new)
    problem = next(p for p in error.problems if says in p.text)
    assert abs(problem.line - line_of(lab, near)) <= 6


def test_all_problems_are_named_at_once(lecture: Path) -> None:
    text = lecture.read_text(encoding="utf-8")
    lecture.write_text(text.replace("has 2.5", "has 2.6").replace("Ask.", "Ask $x."))
    with pytest.raises(SourceError) as caught:
        read(lecture)
    assert len(caught.value.problems) == 2


def test_every_source_of_the_course_is_well_formed(root: Path) -> None:
    assert course.sources(), "there are no sources"


def test_an_unknown_source_is_named_with_those_there_are(root: Path) -> None:
    with pytest.raises(FileNotFoundError, match="03_gates"):
        find(root, ["04_gates"])
