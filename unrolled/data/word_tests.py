"""What word vectors are tested with: people's judgements of similarity, and analogies."""

from __future__ import annotations

from unrolled.data.datasets import fetch
from unrolled.data.download import DataError

Judgement = tuple[str, str, float]
Question = tuple[str, str, str, str]


def word_similarity(name: str) -> list[Judgement]:
    """Return pairs of English words, in small letters, with people's judgement from 0 to 10.

    Args:
        name: ``"wordsim"`` (353 pairs: related words count as alike) or ``"simlex"`` (999 pairs:
            only similar ones do).

    Raises:
        DataError: the file cannot be had, or is something else.
    """
    path = fetch("word-similarity")[name]
    out = []
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = line.split()
        if len(fields) != 3:
            raise DataError(f"{path}: expected two words and a number, found {line!r}")
        out.append((fields[0].lower(), fields[1].lower(), float(fields[2])))
    return out


def analogies(language: str) -> dict[str, list[Question]]:
    """Return analogies, in small letters, by category: a is to b as c is to d.

    Args:
        language: ``"en"`` or ``"pl"``.

    Raises:
        DataError: the file cannot be had, or is something else.
    """
    path = fetch(f"analogies-{language}")["questions"]
    out: dict[str, list[Question]] = {}
    for line in path.read_text(encoding="utf-8").lower().splitlines():
        if line.startswith(":"):
            questions = out.setdefault(line[1:].strip(), [])
        elif len(words := line.split()) == 4 and out:
            questions.append((words[0], words[1], words[2], words[3]))
        else:
            raise DataError(f"{path}: expected four words, found {line!r}")
    return out
