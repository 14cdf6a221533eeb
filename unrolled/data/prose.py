"""The course's own prose in either language: what lab 05 reads in its small mode."""

from __future__ import annotations

import re

from unrolled.data.bundled import FOLDER, course_text
from unrolled.data.download import DataError
from unrolled.messages import Language

#: What only a formula or code holds: a sentence with one of these is no prose.
_MARKS = re.compile("[]_^{}*@\\\\<>⟨⟩⊙`~|[\u0303]")
#: The title of lab 05, which reads what stands before it and not itself.
_OWN_TITLE = "\nLanguage, letter by letter."
#: Where a sentence ends and the next one begins.
_BETWEEN = re.compile(r"(?<=[.!?])\s+(?=[A-Z“])")


def course_prose(language: Language) -> str:
    """Return the course's prose in a language, a paragraph on each line.

    The Polish text is all of ``data/course.txt``, as `unrolled.data.course_text` reads it. The
    English one is ``data/course_en.txt`` from the first lecture up to lab 05, without the sentences
    that hold a sign of a formula or of code.

    Args:
        language: ``"pl"`` or ``"en"``.

    Raises:
        DataError: the file is missing, or not all of it is there.
        ValueError: there is no such language.
    """
    if language == "pl":
        return course_text()
    if language != "en":
        raise ValueError(f"the course is written in 'pl' and in 'en', not in {language!r}")
    path = FOLDER / "course_en.txt"
    restore = "Restore the file: git checkout -- data/course_en.txt"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DataError(f"{path}: the file is missing. {restore}") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: the file is not UTF-8 text. {restore}") from None
    before, title, _ = text.partition(_OWN_TITLE)
    if not title:
        raise DataError(f"{path}: the text ends before lab 05. {restore}")
    paragraphs = map(_prose, before.splitlines())
    return "\n".join(line for line in paragraphs if line) + "\n"


def _prose(paragraph: str) -> str:
    """Return those sentences of a paragraph that are words."""
    sentences = _BETWEEN.split(paragraph)
    return " ".join(said for said in sentences if not _MARKS.search(said))
