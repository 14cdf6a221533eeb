"""Mistakes as edits of the reference: what the file may say, and what becomes of it."""

from __future__ import annotations

import importlib
import pkgutil
import traceback
from pathlib import Path

import pytest

from press.sources import hints
from unrolled import exercises
from unrolled.edits import EditError, edited, read, source, with_mistakes
from unrolled.exercises import Exercise

LABS = [
    module.name
    for module in pkgutil.iter_modules(exercises.__path__)
    if Path(str(exercises.__file__)).with_name(f"{module.name}.md").is_file()
]


def doubled(x: float, y: float) -> float:
    """Return 2 x + y; the docstring's 2 x is not to be edited."""
    z = 2 * x
    return z + y


FILE = """\
## doubled

- `2 * x` => `3 * x`
  or `2 * x` => `x + 2 * x`
  pl: razy 2, nie razy 3.
  en: times 2, not times 3.
- `* x` => `* y`, `+ y` => `+ x`
- ```diff
  -    z = 2 * x
  -    return z + y
  +    return y
  ```
  pl: a co z `x`?
  en: what about `x`?
"""


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    path = tmp_path / "trial.md"
    path.write_text(FILE, encoding="utf-8")
    return path


def read_with(lab: Path) -> Exercise:
    made = with_mistakes(
        str(lab.with_suffix(".py")), Exercise("trial/doubled", doubled, lambda rng: [(1.0, 2.0)])
    )["trial/doubled"]
    assert isinstance(made, Exercise)
    return made


def test_edits_compute_what_they_say(lab: Path) -> None:
    exercise = read_with(lab)
    assert [mistake.function(1.0, 10.0) for mistake in exercise.mistakes] == [13.0, 13.0, 10.0]
    assert [wrong(1.0, 10.0) for wrong in exercise.unhinted] == [21.0]
    one, or_other, diff = exercise.mistakes
    assert one.hint is or_other.hint
    assert diff.hint.texts == {"pl": "a co z x?", "en": "what about x?"}


def test_pieces_are_replaced_at_one_go_and_docstrings_left_alone() -> None:
    assert '"""' not in source(doubled)
    assert edited(doubled, ("z = 2 * x", "z = 2 * y"), ("+ y", "+ x"))(1.0, 10.0) == 21.0
    with pytest.raises(ValueError, match="has no 'to be edited' to replace"):
        edited(doubled, ("to be edited", "edited"))


def test_a_traceback_shows_the_edited_line() -> None:
    broken = edited(doubled, ("2 * x", "x / 0"))
    with pytest.raises(ZeroDivisionError) as caught:
        broken(1.0, 1.0)
    assert "z = x / 0" in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("`2 * x` => `3 * x`", "`3 * x` => `2 * x`", "trial.md:3: doubled has no '3 * x'"),
        ("`2 * x` => `3 * x`", "`2 * x` => `3 *`", "trial.md:3: the edit of doubled is not Python"),
        ("`2 * x` => `3 * x`", "`2 * x` => `sigmoid(x)`", "trial.md:3: the edit uses 'sigmoid'"),
        ("`2 * x` => `3 * x`", "`2 * x` = `3 * x`", "trial.md:3: "),
        ("- `2 * x` => `3 * x`", "- `` => `3 * x`", "trial.md:3: the edit does not say what"),
        ("  en: times 2, not times 3.\n", "", "trial.md:3: the hint is in one language only: pl"),
        ("  en: what", "  pl: what", "trial.md:14: a second hint in the language pl"),
        ("## doubled", "## double", "trial.md:3: trial.py has no function 'trial/double' to write"),
        ("## doubled\n", "\n", "trial.md:3: a mistake stands below the heading"),
        ("  ```\n", "", "trial.md:8: this diff is never closed"),
        ("- `* x` => `* y`", "and then `* x` => `* y`", "trial.md:7: neither a heading"),
        ("- `* x` => `* y`, ", "  or `* x` => `* y`, ", "trial.md:7: `or` goes on with an edit"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_by_line(
    lab: Path, old: str, new: str, says: str
) -> None:
    assert old in FILE
    lab.write_text(FILE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(EditError) as caught:
        read_with(lab)
    assert says in str(caught.value)


def test_overlapping_edits_are_an_error() -> None:
    with pytest.raises(ValueError, match="is never met"):
        edited(doubled, ("2 * x", "3 * x"), ("* x", "* y"))


def test_a_swap_needs_no_name_between() -> None:
    swapped = edited(doubled, ("z + y", "y + z"), ("2 * x", "z + y"), ("z = ", "z = 1; x = "))
    assert swapped(5.0, 10.0) == 11.0


def test_hints_are_held_to_what_prose_is_held_to(root: Path, tmp_path: Path) -> None:
    assert hints.problems(root) == []
    path = tmp_path / "unrolled" / "exercises" / "trial.md"
    path.parent.mkdir(parents=True)
    path.write_text(FILE.replace("times 2,", "times 4,"), encoding="utf-8")
    (problem,) = hints.problems(tmp_path)
    assert problem.line == 5
    assert "the numbers differ" in problem.text
    path.write_text(FILE + "?\n", encoding="utf-8")
    (problem,) = hints.problems(tmp_path)
    assert problem.line == 15


@pytest.mark.parametrize("lab", LABS)
def test_every_lab_has_its_mistakes_in_a_file(lab: str, root: Path) -> None:
    path = root / "unrolled" / "exercises" / f"{lab}.md"
    module = importlib.import_module(f"unrolled.exercises.{lab}")
    for name, exercise in module.EXERCISES.items():
        if isinstance(exercise, Exercise):
            edits = [e for e in read(path) if f"{lab}/{e.exercise}" == name]
            assert sum(len(e.forms) for e in edits if e.texts) == len(exercise.mistakes)
            assert sum(len(e.forms) for e in edits if not e.texts) == len(exercise.unhinted)
