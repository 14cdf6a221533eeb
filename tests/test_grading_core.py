"""The comparison of hidden cases, held to the bank: no sandbox, but the same way in and out."""

from __future__ import annotations

import ast
import base64
import importlib
import json
import pickle
import pkgutil
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from bench import grading as bench
from press.grading import judge, weights
from press.grading.inside import probe, wire
from press.grading.needs import Piece, borrowed, first_line, modules_of, parse, slice_cells
from unrolled import exercises
from unrolled.exercises import Choice, Exercise, find

LABS = [module.name for module in pkgutil.iter_modules(exercises.__path__)]
BANK = {
    name: answers
    for lab in LABS
    for name, answers in importlib.import_module(f"bank.{lab}").BANK.items()
}
WRONG = [(name, what) for name, answers in BANK.items() for what in answers.wrong]
RIGHT = [(name, what) for name, answers in BANK.items() for what in answers.right]
FUNCTIONS = [name for name in BANK if isinstance(find(name), Exercise)]


def edits(name: str) -> list[Callable[..., Any]]:
    """Return the wrong answers to an exercise that are edits of its reference."""
    exercise = find(name)
    assert isinstance(exercise, Exercise)
    return [*(mistake.function for mistake in exercise.mistakes), *exercise.unhinted]


#: Two courses' secrets: no answer may be judged by luck.
SECRETS = ("one course", "another course")


#: Wrong answers that are right but for an edge, with the reason: they may bring more than others.
NEAR: dict[str, dict[str, str]] = tomllib.loads(
    (Path(__file__).parent / "near.toml").read_text(encoding="utf-8")
)


def _share(name: str, answer: Any, secret: str) -> float:
    exercise = find(name)
    right = [outcome.ok for outcome in bench.core(exercise, answer, secret)]
    if not isinstance(exercise, Exercise):
        return float(all(right))
    return weights.share(exercise, right, judge.SEEDS)


def _most(name: str, what: str) -> float:
    """Return the largest share of its points that a wrong answer to an exercise may bring."""
    return 0.75 if what in NEAR.get(name, {}) else 0.25


@pytest.mark.parametrize(("name", "what"), WRONG)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_wrong_principle_brings_a_quarter_at_most(name: str, what: str, secret: str) -> None:
    assert _share(name, BANK[name].wrong[what], secret) <= _most(name, what)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("secret", SECRETS)
def test_an_edit_brings_a_quarter_at_most(name: str, secret: str) -> None:
    for wrong in edits(name):
        what = wrong.__code__.co_filename
        assert _share(name, wrong, secret) <= _most(name, what), what


def test_near_answers_would_break_the_bound_and_have_reasons() -> None:
    for name, reasons in NEAR.items():
        answers = {w.__code__.co_filename: w for w in edits(name)} | dict(BANK[name].wrong)
        for what, reason in reasons.items():
            assert len(reason.split()) >= 3, what
            assert any(_share(name, answers[what], s) > 0.25 for s in SECRETS), what


def test_a_kind_counts_when_all_its_cases_are_right_and_the_share_is_squared() -> None:
    exercise = find("memory/clip")  # five kinds, of weights 1, 2, 1, 1, 1
    assert isinstance(exercise, Exercise)
    assert weights.share(exercise, [True] * 15, 3) == 1
    only_short = [False, True, True, False, False]
    assert weights.weigh(exercise, only_short * 3, 3) == (3, 6)
    assert weights.share(exercise, only_short * 3, 3) == 0.25
    once_wrong = [True] * 5 + [True, False, True, True, True] + [True] * 5
    assert weights.weigh(exercise, once_wrong, 3) == (4, 6)
    letters = find("diacritics/letters")  # four kinds and three corners
    assert isinstance(letters, Exercise)
    assert weights.share(letters, [True] * 12 + [False] * 3, 3) == (4 / 7) ** 2


def test_weights_fit_the_kinds_of_cases() -> None:
    for name in FUNCTIONS:
        exercise = find(name)
        assert isinstance(exercise, Exercise)
        assert len(exercise.all_cases(range(5))) == 5 * len(exercise.all_cases([7])) - 4 * len(
            exercise.corners
        )
        count = len(judge.hidden_cases(exercise, SECRETS[0]))
        assert weights.share(exercise, [True] * count, judge.SEEDS) == 1
    assert set(tomllib.loads(weights.WEIGHTS.read_text(encoding="utf-8"))) <= set(FUNCTIONS)
    with pytest.raises(ValueError, match="no kinds"):
        weights.kinds(exercise, count + 1, judge.SEEDS)


@pytest.mark.parametrize(("name", "what"), RIGHT)
@pytest.mark.parametrize("secret", SECRETS)
def test_right_answers_keep_all_points(name: str, what: str, secret: str) -> None:
    outcomes = bench.core(find(name), BANK[name].right[what], secret)
    assert all(outcome.ok for outcome in outcomes), [o.text.texts["en"] for o in outcomes]


@pytest.mark.parametrize("name", BANK)
def test_blank_answers_are_not_done_yet(name: str) -> None:
    assert bench.core(find(name), BANK[name].blank, SECRETS[0])[0].undone


@pytest.mark.parametrize("name", FUNCTIONS)
def test_hidden_cases_are_others_than_the_visible_ones(name: str) -> None:
    exercise = find(name)
    assert isinstance(exercise, Exercise)
    corners = _data(list(exercise.corners))  # the same everywhere, as the text says them
    hidden = [
        case for case in _data(judge.hidden_cases(exercise, SECRETS[0])) if case not in corners
    ]
    again = _data(judge.hidden_cases(exercise, SECRETS[0]))
    assert hidden == [case for case in again if case not in corners]
    for shown in (exercise.all_cases(), judge.hidden_cases(exercise, SECRETS[1])):
        known = [case for case in hidden if case in _data(shown)]
        # The smallest case of all, such as a sequence of one step, may be the same everywhere.
        assert len(known) <= len(hidden) // 6


def test_functions_of_a_module_that_comes_later_go_by_value_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judge.packed(3)  # now it is known which modules there are
    late = ModuleType("bank.made_up")
    exec("def f():\n    return 7", late.__dict__)
    monkeypatch.setitem(sys.modules, late.__name__, late)
    text = judge.packed(late.f)
    monkeypatch.delitem(sys.modules, late.__name__)
    assert pickle.loads(base64.b64decode(text))() == 7


def _data(cases: list[tuple[Any, ...]]) -> list[Any]:
    """Return what each case's arguments hold, encoded; functions among them are left out."""
    return [[wire.encode(part) for part in case if not callable(part)] for case in cases]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_goes_in_holds_no_later_reference(name: str) -> None:
    lab = name.partition("/")[0]
    every = list(importlib.import_module(f"unrolled.exercises.{lab}").EXERCISES.values())
    exercise = find(name)
    assert isinstance(exercise, Exercise)
    later = [e for e in every[every.index(exercise) :] if isinstance(e, Exercise)]
    cases = b"".join(
        base64.b64decode(judge.packed(case)) for case in judge.hidden_cases(exercise, "secret")
    )
    for other in later:
        assert other.reference.__name__.encode() not in cases
    reference = base64.b64decode(judge.packed(exercise.reference))
    for other in later[1:]:
        assert other.reference.__name__.encode() not in reference


@pytest.mark.parametrize("name", FUNCTIONS)
def test_feedback_says_what_is_wrong_and_not_the_key(name: str) -> None:
    exercise = find(name)
    assert isinstance(exercise, Exercise)
    for wrong in [*BANK[name].wrong.values(), *edits(name)]:
        _say_no_key(exercise, wrong)


def _say_no_key(exercise: Exercise, wrong: Any) -> None:
    cases = judge.hidden_cases(exercise, SECRETS[0])
    outcomes = bench.core(exercise, wrong, SECRETS[0])
    secret = len(cases) - len(exercise.corners)  # corners come last: the same for everybody
    for case, outcome in list(zip(cases, outcomes, strict=True))[:secret]:
        if outcome.ok:
            continue
        words, numbers = _key(exercise.reference(*case))
        for language in ("pl", "en"):
            text = outcome.text.texts[language]
            assert len(text) > 10
            assert "Hint" not in text  # one for all cases, see test_hints
            if " raised " not in outcome.text.texts["en"]:  # an exception may quote the text
                assert not [word for word in words if len(word) > 2 and word in text]
            for number in numbers:
                assert f"{number:.6g}" not in text or f"{number:.6g}".lstrip("-").isdigit()


def _key(value: Any) -> tuple[list[str], np.ndarray]:
    """Return the words and the numbers of a right answer."""
    parts = value if isinstance(value, tuple | list) else [value]
    if isinstance(value, list) or any(isinstance(part, tuple | list) for part in parts):
        keys = [_key(part) for part in parts]
        words = [word for some, _ in keys for word in some]
        return words, np.concatenate([np.zeros(0), *(numbers for _, numbers in keys)])
    arrays = [np.ravel(np.asarray(p, dtype=float)) for p in parts if not isinstance(p, str)]
    return [p for p in parts if isinstance(p, str)], np.concatenate([np.zeros(0), *arrays])


def test_an_argument_changed_in_place_is_seen_outside() -> None:
    exercise = find("airline/windows")
    assert isinstance(exercise, Exercise)

    def spoils(series: np.ndarray, width: int) -> Any:
        result = exercise.reference(series, width)
        series[0] += 1.0
        return result

    outcome = bench.core(exercise, spoils, SECRETS[0])[0]
    assert not outcome.ok
    assert "series" in outcome.text.texts["pl"]


def test_a_case_of_several_arrays_is_described_by_their_sizes() -> None:
    exercise = find("memory/clip")
    assert isinstance(exercise, Exercise)
    case = judge.hidden_cases(exercise, SECRETS[0])[0]
    assert judge.call_line(exercise, case) == "gradients: ((5, 3), (5, 5), (5,)); limit = 3"


def test_a_flood_of_made_up_values_costs_the_case_and_little_time() -> None:
    exercise = find("airline/windows")
    assert isinstance(exercise, Exercise)
    case = judge.hidden_cases(exercise, SECRETS[0])[0]
    made = [{"is": "other", "type": f"T{n}"} for n in range(100_000)]
    before = time.process_time()
    flat = {"is": "list", "items": made}
    for value in (flat, {"is": "tuple", "items": [flat]}):
        outcome = judge.judge(exercise, case, {"value": value, "after": []})
        assert outcome.text.texts["en"] == "the function's answer cannot be read"
    assert time.process_time() - before < 20  # reading all of them took minutes
    many = [[0.0] * 100] * 150
    assert wire.decode(wire.encode(many)) == many


def test_arrays_of_every_kind_come_through() -> None:
    import keras
    import torch

    for value in (
        np.arange(6.0).reshape(2, 3)[:, ::-1],
        np.float32([1.5, np.nan, np.inf]),
        np.int8([-3, 7]),
        np.array([True, False]),
        np.zeros((0, 4)),
        np.arange(3.0).astype(">f8"),
        7,
        2.5,
    ):
        back = wire.decode(json.loads(json.dumps(wire.encode(value))))
        np.testing.assert_array_equal(back, value)
        assert back.dtype.kind == np.asarray(value).dtype.kind
    values = (1.0, [np.ones(2), "B"], None)
    back = wire.decode(wire.encode(values))
    assert isinstance(back, tuple)
    assert isinstance(back[1], list)
    assert back[1][1] == "B"
    for tensor in (
        torch.ones(2, 3, requires_grad=True),
        torch.ones(2, 3, dtype=torch.bfloat16),
        keras.ops.ones((2, 3)),
    ):
        np.testing.assert_array_equal(wire.decode(wire.encode(tensor)), np.ones((2, 3)))
    assert type(wire.decode(wire.encode({"a": 1}))).__name__ == "dict"


@pytest.mark.parametrize(
    "data",
    [
        None,
        7,
        [],
        {},
        {"is": "array"},
        {"is": "array", "dtype": "O", "shape": [1], "data": "AAAA"},
        {"is": "array", "dtype": "<f8", "shape": [10**9, 10**9], "data": ""},
        {"is": "array", "dtype": "<f8", "shape": [2], "data": "AAAA"},
        {"is": "array", "dtype": "<f8", "shape": [-1], "data": ""},
        {"is": "array", "dtype": "f8,f8", "shape": [1], "data": "AAAA"},
        {"is": "array", "dtype": "<f8", "shape": ["1"], "data": "!"},
        {"is": "array", "dtype": "<f8", "shape": [True], "data": "AAAAAAAA8D8="},
        {"is": "array", "dtype": "(,", "shape": [1], "data": "AAAAAAAA8D8="},
        {"is": "array", "dtype": "<f1", "shape": [1], "data": "AA=="},
        {"is": "tuple", "items": 3},
        {"is": "str", "text": 3},
        {"is": "pickle", "data": "gASV"},
    ],
)
def test_a_forged_answer_is_an_error_and_nothing_else(data: Any) -> None:
    with pytest.raises(ValueError, match=r"encoded|numbers|shape|base64|padded|Only|Incorrect"):
        wire.decode(data)
    exercise = find("airline/scaler")
    assert isinstance(exercise, Exercise)
    case = judge.hidden_cases(exercise, "x")[0]
    outcome = judge.judge(exercise, case, {"value": data, "ok": True, "points": 100})
    assert not outcome.ok


@pytest.mark.parametrize("text", [None, "", "4", "right", "e30=x", "[[", "W10="])
def test_a_reply_that_is_no_answer_is_none(text: str | None) -> None:
    assert judge.parse(text) is None


@pytest.mark.parametrize("odd", ["\ud800", "\0", "a\udcffb\0", "", "1 2"])
def test_odd_text_in_a_reply_can_be_written_to_a_file(odd: str) -> None:
    exercise = find("airline/scaler")
    assert isinstance(exercise, Exercise)
    case = judge.hidden_cases(exercise, "x")[0]
    error = {"type": odd, "message": odd, "line": 1, "code": odd}
    for said in ({"error": error}, {"value": {"is": "str", "text": odd}, "after": []},
                 {"value": {"is": "other", "type": odd}}):  # fmt: skip
        reply = judge.parse(base64.b64encode(json.dumps(said).encode()).decode())
        outcome = judge.judge(exercise, case, reply)
        assert not outcome.ok
        told = judge.hint(exercise, [outcome])
        for message in (outcome.text, told) if told else (outcome.text,):
            json.dumps(message.texts, ensure_ascii=False).encode()


def test_a_deeply_nested_reply_is_none() -> None:
    assert judge.parse(base64.b64encode(b"[" * 100_000).decode()) is None


def test_an_interrupted_call_says_so() -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    probe.capture("airline/scaler", interrupted)
    said = judge.parse(probe.call("airline/scaler", judge.packed((1, 2))))
    assert said is not None
    assert said["error"]["type"] == "KeyboardInterrupt"


def test_the_letter_of_a_choice_is_judged_outside() -> None:
    choice = find("airline/leak")
    assert isinstance(choice, Choice)
    for letter in choice.remarks:
        probe.capture(choice.name, f" {letter.lower()} ")
        outcome = judge.judge_choice(choice, judge.parse(probe.answer(choice.name)))
        assert outcome.ok == choice.right(letter)
    assert judge.judge_choice(choice, None).undone


# --- which statements are needed ---------------------------------------------------------------


def test_only_what_the_exercises_need_is_run() -> None:
    cells = [
        (
            0,
            "import numpy as np\nimport torch\n"
            "from unrolled.check import check\nnp.seterr(all='raise')",
        ),
        (1, "series = np.arange(3)\nhistory = train()\nfor i in range(9):\n    fit(i)"),
        (2, "def f(history, w):\n    return helper(history)\nfor i in range(4):\n    print(i)"),
        (3, "f = check('a/b', f)"),
        (4, "np.allclose = lambda *a: True\nhelper = lambda q: inner(q)\ntotal = 0"),
        (5, "for k in range(3):\n    total = total + k\ndef inner(q):\n    return np.x"),
        (6, "def g(x):\n    return f(x) + total"),
        (7, "g = check('a/c', g)\nmodel.fit()"),
    ]
    assert slice_cells(cells, {2, 6}, set()) == [
        Piece(0, "import numpy as np"),
        Piece(0, "from unrolled.check import check"),
        Piece(0, "np.seterr(all='raise')"),
        Piece(*cells[2]),
        Piece(*cells[3]),
        Piece(4, "np.allclose = lambda *a: True"),
        Piece(4, "helper = lambda q: inner(q)"),
        Piece(4, "total = 0"),
        Piece(5, "for k in range(3):\n    total = total + k"),
        Piece(5, "def inner(q):\n    return np.x"),
        Piece(*cells[6]),
    ]


def test_a_function_of_a_module_changes_its_arguments_copy_and_not_the_module() -> None:
    cells = [
        (0, "import numpy as np\nlosses = train()\nrows = []"),
        (1, "best = np.sort(losses)\nrows.sort()"),
        (2, "def f():\n    return np.array(rows)"),
    ]
    assert [piece.code for piece in slice_cells(cells, {2}, set())] == [
        "import numpy as np",
        "rows = []",
        "rows.sort()",
        cells[2][1],
    ]


@pytest.mark.parametrize(
    ("rest", "graded"),
    [
        # Right after the exercise's cell: the check is in it, or there is none.
        (["f = check('a/b', f)"], [("f", 1)]),
        (["y = 2"], [("f", 1)]),
        # A helper, a second try, another name, a letter: what the last check is given.
        (["def helper(): return 1", "f = check('a/b', f)"], [("f", 2)]),
        (["f = check('a/b', f)", "def f(): return 2", "f = check('a/b', f)"], [("f", 3)]),
        (["g = f", "f = check('a/b', g)"], [("g", 2)]),
        (["check('a/b', lambda: f())"], [("lambda: f()", 1)]),
        (["check('a/c', f)"], [("f", 0)]),
    ],
)
def test_the_last_check_says_what_is_graded_and_where(
    rest: list[str], graded: list[tuple[str, int]]
) -> None:
    exercise = "def f():\n    return helper()"
    cells = list(enumerate([exercise, *rest]))
    pieces = slice_cells(cells, {0}, set(), {"a/b": (0, "f")})
    asked = [(n, piece) for n, piece in enumerate(pieces) if piece.asks]
    (number, piece), ((code, cell),) = asked[0], graded
    assert len(asked) == 1
    assert (piece.code, piece.asks) == (code, "a/b")
    if "check('a/b'" in "".join(rest):
        assert piece.cell == cell
    # What the graded function needs, and what changes it, has run by then.
    done = [p.code.replace(":\n    ", ": ") for p in pieces[:number]]
    assert done[0] == exercise.replace(":\n    ", ": ")
    for text in rest[: cell - 1] if cell else []:
        assert "check" in text or text in done


def test_a_check_in_an_exercises_own_cell_is_graded_after_that_cell() -> None:
    cells = [(0, "def f():\n    return 1\nok = check('a/b', f)"), (1, "f = 3")]
    pieces = slice_cells(cells, {0}, set(), {"a/b": (0, "f")})
    assert pieces == [Piece(*cells[0]), Piece(0, "f", "a/b")]


@pytest.mark.parametrize(
    ("above", "exercise", "taken"),
    [
        ("from unrolled.cells import SimpleRNN", "def f(x):\n    return SimpleRNN(x).forward()", 1),
        ("from unrolled import cells as c", "def f(x):\n    return c.SimpleRNN(x)", 1),
        ("import unrolled.images", "def f(x):\n    return unrolled.images.Conv2D(x)", 1),
        ("", "def f(x):\n    from unrolled.sequences import scan\n    return scan.loop(x)", 1),
        ("from unrolled.cells import SimpleRNN", "def f(x):\n    return x", 0),
        ("from unrolled.language.subwords import PAD", "def f(x):\n    return x + PAD", 0),
        ("from unrolled.check import check", "def f(x):\n    return check('a/b', x)", 0),
        ("import numpy as cells", "def f(x):\n    return cells.sum(x)", 0),
    ],
)
def test_what_an_answer_takes_from_the_course_is_known(
    above: str, exercise: str, taken: int
) -> None:
    found = borrowed(exercise, [above, exercise])
    assert len(found) == taken
    assert all(name.startswith("unrolled.") for name in found)


def rows_of(above: str, exercise: str) -> list[str]:
    """Return the statements that run of a cell above an exercise."""
    return [
        piece.code
        for piece in slice_cells([(0, above), (1, exercise)], {1}, set())
        if not piece.cell
    ]


@pytest.mark.parametrize(
    ("above", "kept"),
    [
        ("%matplotlib inline\nx = 1", "x = 1"),
        ("x = 0\nx = 1\ny = 2", "x = 1"),
        ("from math import *\ny = 2", "from math import *"),
        ("with open('a') as file:\n    x = file.read()", "x = file.read()"),
        ("try:\n    x = 1\nexcept ValueError as error:\n    x = 2", "except ValueError"),
        ("a = 1\nif a:\n    x = 2", "a = 1"),
        ("x = []\nx.append(3)", "x.append(3)"),
        ("x = {}\nx['a'] = 3", "x['a'] = 3"),
        ("class A:\n    b = 3\nx = A()", "b = 3"),
        ("n = 3\nx = [n * m for m in range(n)]", "n = 3"),
        ("def make():\n    return late()\ndef late():\n    return 1\nx = make()", "def late"),
        ("x: int = 3", "x: int = 3"),
        ("x = y = 4", "x = y = 4"),
        ("x, *rest = range(4)", "x, *rest"),
        ("x = 1\nx += 2", "x += 2"),
    ],
)
def test_a_helper_of_any_form_is_found(above: str, kept: str) -> None:
    run = "\n".join(rows_of(above, "def f():\n    return x"))
    assert kept in run
    assert "y = 2" not in run
    compile(run, "cell", "exec")


def test_each_statement_and_each_imported_module_runs_alone() -> None:
    above = "%load_ext nb_black\n%timeit g()\nimport numpy as np, seaborn as sns\nsns.set(a=1)"
    rows = rows_of(above, "def f():\n    return np.zeros(3), sns")
    assert rows == [
        "get_ipython().run_line_magic('load_ext', 'nb_black')",
        "import numpy as np",
        "import seaborn as sns",
        "sns.set(a=1)",
    ]
    assert [first_line(row) for row in rows] == ["%load_ext nb_black", *rows[1:]]


@pytest.mark.parametrize(
    "line", ["%matplotlib widget", "!pip install seaborn", "x = 3", "for a in b:", "%%bash"]
)
def test_a_statement_is_shown_as_it_was_written(line: str) -> None:
    code = line + ("\n    print(a)" if line.endswith(":") else "\nls" * (line == "%%bash"))
    tree = parse(code)
    assert tree is not None
    assert first_line(ast.unparse(tree)) == line


@pytest.mark.parametrize(
    "exercise",
    [
        "def f(x):\n    train = x * 2\n    train[0] = 1\n    return train",
        "def f(x):\n    train = 0\n    for k in x:\n        train += k\n    return train",
        "def f(x):\n    train = []\n    train.append(x)\n    return train",
        "def f(train):\n    train.shape = (3,)\n    return train",
        "class A:\n    def f(self, train):\n        train['a'] += 1",
        "f = lambda train: train.sort()",
    ],
)
def test_names_local_to_a_function_pull_nothing_in(exercise: str) -> None:
    above = "data = range(3)\ntrain = [k for k in data]\ntrain[0] = 5"
    assert rows_of(above, exercise) == []


def test_what_a_function_declares_global_is_pulled_in() -> None:
    exercise = "def f(x):\n    global total\n    total += x\n    return total"
    assert rows_of("data = 3\ntotal = data\nother = 1", exercise) == ["data = 3", "total = data"]
    above = "total = 0\ndef count():\n    global total\n    total += 1\ncount()"
    assert rows_of(above, "def g():\n    return total") == [
        "total = 0",
        "def count():\n    global total\n    total += 1",
        "count()",
    ]


@pytest.mark.parametrize(
    "above",
    [
        "letters = 'abc'\ntable = []\nfor k in letters:\n    table.append(k)",
        "table = {}\nif not table:\n    table['a'] = 1\n    table.update(b=2)",
        "table = {}\nif True:\n    table.setdefault('a', []).append(1)",
        "table = None\nif table is None:\n    table = {'a': 1}",
        "table = {'a': []}\nwhile len(table['a']) < 3:\n    table['a'].append(0)",
        "table = set()\nwith open('a') as file:\n    for k in file:\n        table.add(k)",
        "made = [1]\ntable = []\ntable.extend(made)",
    ],
)
def test_what_fills_a_table_is_needed_with_it(above: str) -> None:
    exercise = "def f():\n    return table"
    assert "\n".join(rows_of(above + "\nother = [k for k in range(9)]", exercise)) == above


@pytest.mark.parametrize("magic", ["%%time", "%%capture out", "%%capture\n%%time", "\n%%prun -q"])
def test_what_stands_behind_a_magic_of_the_cell_is_needed(magic: str) -> None:
    above = f"{magic}\nimport numpy as np\ny = 2"
    assert rows_of(above, "def f():\n    return np.zeros(3)") == ["import numpy as np"]
    assert modules_of([f"{magic}\nimport torch"]) == ["torch"]


@pytest.mark.parametrize(
    "broken", ["def (", "x = " + "(" * 500, "\0", "return", "await x", "1\n 2"]
)
def test_a_cell_that_is_not_python_is_left_out(broken: str) -> None:
    cells = [(0, "y = 2"), (1, broken), (2, "def f():\n    return y")]
    run = {piece.cell: piece.code for piece in slice_cells(cells, {2}, set())}
    assert run[0] == "y = 2"
    assert run[2] == cells[2][1]


def test_heavy_modules_are_found_wherever_they_are_imported() -> None:
    codes = [
        "import numpy, torch.nn as nn\nfrom matplotlib import pyplot",
        "def f():\n    from keras.layers import GRU\n    import torch.nn",
        "from . import torch\nfrom unrolled.cells import LSTM",
        "def (",
    ]
    assert modules_of(codes) == ["torch.nn", "matplotlib", "keras.layers"]
