"""One submission, from the bytes of its file to its result.

The cells of the exercises, and what they need, run in the sandbox in the notebook's order. What the
last check of an exercise is given is captured just before that check can replace anything, and
called on the hidden cases. After that, `check` in the sandbox goes on with the reference if the
function was wrong, so that a mistake costs points once.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from nbformat import NotebookNode

from press.grading import judge, weights
from press.grading.assignment import Assignment, Task
from press.grading.inside.wire import legible
from press.grading.judge import Outcome
from press.grading.kernel import Ending, Kernel, Reply
from press.grading.needs import Piece, borrowed, first_line, modules_of, slice_cells
from press.grading.reading import Submission, UnreadableError, defines, is_stub, read
from press.grading.results import CaseMark, Result, TaskMark, Texts, texts
from press.grading.sandbox import Limits
from press.grading.view import view
from unrolled.exercises import Choice, Exercise
from unrolled.messages import Language, Message

#: How often the kernel of one submission is started at most.
MOST_STARTS = 8
#: How many characters of an answer are kept with its result.
LONGEST_ANSWER = 20_000
#: How many lines outside of the exercises are named in remarks when they fail.
MOST_LINES = 5

PROBE = "__import__('inside.probe', fromlist=['probe'])"


@dataclass(frozen=True)
class Setting:
    """What all submissions have in common.

    Attributes:
        course: what :func:`press.grading.sandbox.furnish` made.
        secret: the seeds of the hidden cases are made from it.
        limits: what a submission may use.
        sandboxed: False runs submissions without walls.
        rubrics: of each lab's open questions, as Markdown by language, for the marker.
    """

    course: Path
    secret: str
    limits: Limits = field(default_factory=Limits)
    sandboxed: bool = True
    rubrics: Mapping[str, Mapping[str, Mapping[Language, str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Handed:
    """A submission as it was collected.

    Attributes:
        student: the student's id.
        name: the student's name as the file or folder had it.
        lab: which lab it is for.
        path: the file, or None if there is no notebook.
        remarks: what collecting it found.
        number: Moodle's number of the participant in this assignment, or nothing.
    """

    student: str
    name: str
    lab: str
    path: Path | None
    remarks: tuple[Message, ...] = ()
    number: str = ""


def examine(
    handed: Handed, assignment: Assignment, setting: Setting, digest: str = ""
) -> tuple[Result, NotebookNode]:
    """Grade a submission.

    Returns:
        Its result, whatever the submission is, and the notebook that a marker sees.
    """
    started = time.monotonic()
    remarks = list(handed.remarks)
    submission: Submission | None = None
    try:
        submission = read(_content(handed), assignment)
        remarks += submission.remarks
        for cell in submission.cells:
            if isinstance(cell.attachments, dict):
                cell.attachments = {legible(str(k)): v for k, v in cell.attachments.items()}
    except UnreadableError as error:
        told = error.message.texts
        remarks.append(
            Message(
                pl=f"nie można odczytać notatnika: {told['pl']}",
                en=f"notebook could not be read: {told['en']}",
            )
        )
    outcomes: dict[str, list[Outcome]] = {}
    late: list[str] = []
    if submission is not None:
        run = _Run(submission, assignment, setting)
        outcomes, said = run.outcomes()
        remarks += said
        late = run.late
    if late:
        names = ", ".join(dict.fromkeys(late))
        remarks.append(
            Message(
                pl=f"limit czasu ({names}): wynik nie jest ostateczny, następne sprawdzanie "
                "spróbuje jeszcze raz",
                en=f"time limit ({names}): this is not final, the next run tries again",
            )
        )
    tasks = [_mark(task, submission, outcomes.get(task.name)) for task in assignment.tasks]
    result = Result(
        student=handed.student,
        name=handed.name,
        lab=assignment.lab,
        language=submission.language if submission else "pl",
        digest=digest,
        tasks=tasks,
        remarks=[texts(remark) for remark in remarks],
        seconds=round(time.monotonic() - started, 2),
        late=bool(late),
        number=handed.number,
    )
    return result, view(result, submission, assignment, setting.rubrics.get(assignment.lab, {}))


def failed(handed: Handed, assignment: Assignment, digest: str, why: Message) -> Result:
    """Return the result of a submission that could not be graded: no points, and the reason."""
    tasks = [_mark(task, None, None) for task in assignment.tasks]
    remarks = [texts(remark) for remark in (*handed.remarks, why)]
    result = Result(handed.student, handed.name, assignment.lab, "pl", digest, tasks, remarks)
    result.number = handed.number
    return result


def _content(handed: Handed) -> bytes:
    if handed.path is None:
        raise UnreadableError(pl="nie ma pliku .ipynb", en="there is no .ipynb file")
    try:
        return handed.path.read_bytes()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise UnreadableError(pl=f"plik nie daje się otworzyć ({why})", en=why) from error


# --------------------------------------------------------------------------- running


@dataclass(frozen=True)
class _Step:
    """A piece of the plan: run code, or call what it defined on hidden cases.

    Attributes:
        what: which of the two.
        code: an exercise's cell, or a statement of another one; of what is graded, the expression.
        task: whose cases they are.
        whole: whether the code is an exercise's cell.
    """

    what: Literal["run", "grade"]
    code: str = ""
    task: Task | None = None
    whole: bool = False


class _Run:
    """The run of one submission."""

    def __init__(self, submission: Submission, assignment: Assignment, setting: Setting) -> None:
        self.submission = submission
        self.assignment = assignment
        self.setting = setting
        self.limits = setting.limits
        self.tasks = [task for task in assignment.tasks if task.kind != "question"]
        self.found: dict[str, list[Outcome]] = {}
        self.remarks: list[Message] = []
        self.known: list[Task] = []  # exercises whose reference may be used from now on
        self.barred: set[int] = set()  # steps that ended a kernel
        self.starts = 0
        self.lines = 0  # how many lines outside of the exercises failed
        self.late: list[str] = []  # what passed a limit of time
        self.modules: list[str] = []
        self.spent = 0.0
        self.until = time.monotonic() + self.limits.clock
        self.kernel: Kernel | None = None

    def outcomes(self) -> tuple[dict[str, list[Outcome]], list[Message]]:
        """Return the outcome of each hidden case by the exercise's name, and remarks."""
        steps = list(self.plan())
        self.modules = modules_of(step.code for step in steps if step.what == "run")
        try:
            for number, step in enumerate(steps):
                if step.what == "run":
                    self.run(number, step, steps)
                elif step.task is not None:
                    self.grade(number, step.task, steps)
        finally:
            if self.kernel is not None:
                self.kernel.close()
        return self.found, self.remarks

    def plan(self) -> Iterator[_Step]:
        """Yield what to do: the needed cells in order, each exercise's cases at its last check."""
        cells = self.submission.cells
        written: dict[int, list[Task]] = {}
        for task in self.tasks:
            place = self.submission.place.get(task.cell)
            if place is None or is_stub(task, cells[place].source):
                self.found[task.name] = []
                self.known.append(task)
            else:
                written.setdefault(place, []).append(task)
        stubs = {
            i
            for i, cell in enumerate(cells)
            if i not in written and any(is_stub(task, cell.source) for task in self.tasks)
        }
        code = [(i, cell.source) for i, cell in enumerate(cells) if cell.kind == "code"]
        asked = {task.name: task for tasks in written.values() for task in tasks}
        places = {t.name: (place, t.target) for place, tasks in written.items() for t in tasks}
        for place, tasks in written.items():
            self.lent(tasks[0], cells[place].source, [source for _, source in code])
        for piece in slice_cells(code, set(written), stubs, places):
            if piece.asks:
                task = asked[piece.asks]
                self.elsewhere(task, piece, places[task.name][0])
                yield _Step("grade", piece.code, task)
            else:
                yield _Step("run", piece.code, whole=piece.cell in written)

    def lent(self, task: Task, source: str, code: list[str]) -> None:
        """Remark where an answer calls what the course itself computes the thing with.

        What the exercise's text offers may be used.
        """
        offered = self.assignment.offered(task.cell)
        found = [name for name in borrowed(source, code) if name.split(".")[-1] not in offered]
        if found:
            names = ", ".join(found[:4])
            self.remarks.append(
                Message(
                    pl=f"{task.cell}: rozwiązanie korzysta z {names}",
                    en=f"{task.cell}: the answer uses {names}",
                )
            )

    def elsewhere(self, task: Task, piece: Piece, place: int) -> None:
        """Remark where what is graded is not simply what the exercise's own cell defines."""
        cells = self.submission.cells
        again = any(
            cell.kind == "code" and defines(cell.source, task.target)
            for cell in cells[place + 1 : piece.cell + 1]
        )
        if piece.code == task.target and not again:
            return
        self.remarks.append(
            Message(
                pl=f"{task.cell}: oceniono to, co dostało ostatnie sprawdzenie "
                f"({piece.code[:60]}, komórka {piece.cell + 1} z {len(cells)})",
                en=f"{task.cell}: what the last check was given was graded "
                f"({piece.code[:60]}, cell {piece.cell + 1} of {len(cells)})",
            )
        )

    def run(self, number: int, step: _Step, steps: list[_Step]) -> None:
        """Run some code; what goes wrong in it shows in the functions that need it."""
        reply = self.ask(number, steps, step.code, self.limits.cell)
        if reply is None or reply.ending == "ok":
            return
        if not reply.alive:
            self.barred.add(number)
        if reply.ending == "time":
            self.late.append("cell")
        if reply.ending == "error":
            what: Texts = {"pl": reply.error, "en": reply.error}
        else:
            what = texts(self.say(reply.ending, self.limits.cell))
        if not step.whole:
            self.skipped(step.code, what)
        elif reply.ending == "error":
            self.remarks.append(
                Message(
                    pl=f"komórka z zadaniem zgłosiła wyjątek: {what['pl']}",
                    en=f"an exercise's cell raised {what['en']}",
                )
            )
        else:
            self.remarks.append(
                Message(
                    pl=f"komórka, która się nie udała: {what['pl']}",
                    en=f"a cell that failed: {what['en']}",
                )
            )

    def skipped(self, code: str, what: Texts) -> None:
        """Remark on a line outside of the exercises that failed, the first few times."""
        self.lines += 1
        if self.lines > MOST_LINES:
            return
        line = first_line(code)[:80]
        self.remarks.append(
            Message(
                pl=f"wiersz poza zadaniami się nie udał i został pominięty: „{line}” "
                f"({what['pl']}); traci na tym tylko rozwiązanie, które go potrzebuje: brakujący "
                "pakiet trzeba zainstalować tam, gdzie się sprawdza, a brakujący plik lub "
                "urządzenie obejść w notatniku",
                en=f"a line outside of the exercises failed and was skipped: “{line}” "
                f"({what['en']}); only an answer that needs it loses by this: install a missing "
                "package where grading runs, and do without a missing file or device in the "
                "notebook",
            )
        )

    def grade(self, number: int, task: Task, steps: list[_Step]) -> None:
        """Capture what the exercise's cell defined and try it on the hidden cases."""
        capture = f"{PROBE}.capture({task.name!r}, {steps[number].code})"
        reply = self.ask(number, steps, capture, self.limits.case)
        exercise = task.exercise
        if isinstance(exercise, Choice):
            asked = self.ask(number, steps, "", self.limits.case, f"{PROBE}.answer({task.name!r})")
            if asked is None or asked.ending == "time":
                self.late.append(task.name)
            said = judge.parse(asked.answer) if asked is not None else None
            self.found[task.name] = [judge.judge_choice(exercise, said)]
            return
        cases = judge.hidden_cases(exercise, self.setting.secret)
        stop: str | None = None
        if reply is None:
            stop = "budget"
        elif reply.ending != "ok":
            stop = "undefined" if reply.ending == "error" else reply.ending
        outcomes = []
        for arguments in cases:
            if stop is None:
                ask = f"{PROBE}.call({task.name!r}, {judge.packed(arguments)!r})"
                reply = self.ask(number, steps, "", self.limits.case, ask)
                if reply is not None and reply.ending == "ok":
                    outcomes.append(judge.judge(exercise, arguments, judge.parse(reply.answer)))
                    if outcomes[-1].undone and len(outcomes) == 1:
                        break
                    continue
                stop = "budget" if reply is None else reply.ending
            if stop in ("time", "budget"):
                self.late.append(task.name)
            text = self.say(stop, self.limits.case, task)
            outcomes.append(Outcome(False, text, judge.call_line(exercise, arguments)))
            stop = "not run" if stop not in ("budget", "undefined") else stop
        if len(outcomes) < len(cases):
            outcomes = []
        self.found[task.name] = outcomes
        if not outcomes or not all(outcome.ok for outcome in outcomes):
            self.known.append(task)
            if self.kernel is not None:
                self.allow(task)

    def allow(self, task: Task) -> None:
        """Go on with the reference of an exercise that has been graded, as the check cell does."""
        exercise = task.exercise
        if isinstance(exercise, Exercise) and self.kernel is not None:
            reference = judge.packed(exercise.reference)
            code = f"{task.target} = {PROBE}.allow({task.name!r}, {reference!r})"
            reply = self.kernel.execute(code, self.limits.case)
            if not reply.alive:
                self.kernel = None

    def say(self, kind: str, limit: float, task: Task | None = None) -> Message:
        """Say why there is no answer."""
        return judge.ending(
            kind,
            limit=limit,
            memory=self.limits.memory >> 20,
            submission=self.limits.submission,
            target=task.target if task else "",
        )

    def ask(
        self, number: int, steps: list[_Step], code: str, seconds: float, ask: str = ""
    ) -> Reply | None:
        """Ask the kernel, started anew if the last one has died; None when the time is up."""
        if self.kernel is None:
            ending = self.start(number, steps)
            if ending is not None:
                return Reply(ending, alive=False) if ending != "time" else None
        left = self.left()
        if left <= 0 or self.kernel is None:
            return None
        reply = self.kernel.execute(code, min(seconds, left), ask)
        self.spent += reply.seconds
        if not reply.alive:
            self.kernel = None
        return reply

    def left(self) -> float:
        """Return how many seconds of the processor this submission has left."""
        return self.limits.submission - self.spent if time.monotonic() < self.until else 0.0

    def start(self, number: int, steps: list[_Step]) -> Ending | None:
        """Start a kernel and bring it to where step ``number`` begins.

        Returns:
            None when the kernel is there, else why it is not.
        """
        while self.starts < MOST_STARTS:
            self.starts += 1
            try:
                self.kernel = Kernel(
                    self.setting.course,
                    self.submission.language,
                    self.limits,
                    sandboxed=self.setting.sandboxed,
                    modules=self.modules,
                )
            except TimeoutError:
                self.late.append("start")
                return "died"
            for task in self.known:
                self.allow(task)
            for earlier, step in enumerate(steps[:number]):
                if step.what == "grade" and step.task is not None and self.kernel is not None:
                    continue
                if earlier in self.barred or self.kernel is None:
                    continue
                left = self.left()
                if left <= 0:
                    return "time"
                reply = self.kernel.execute(step.code, min(self.limits.cell, left))
                self.spent += reply.seconds
                if not reply.alive:
                    self.barred.add(earlier)
                    self.kernel = None
            if self.kernel is not None:
                # The step in hand may be calls of a function captured before the kernel died.
                current = steps[number].task
                if current is not None:
                    capture = f"{PROBE}.capture({current.name!r}, {steps[number].code})"
                    self.kernel.execute(capture, self.limits.case)
                return None
        return "died"


# --------------------------------------------------------------------------- marking


def _mark(task: Task, submission: Submission | None, outcomes: list[Outcome] | None) -> TaskMark:
    """Return what a task brought."""
    mark = TaskMark(task.name, task.kind, task.cell, task.grade, task.points, title=task.title)
    place = submission.place.get(task.cell) if submission else None
    if submission is None or place is None:
        mark.note = texts(judge.UNDONE)
        if task.kind == "question" and submission is not None and _own_prose(submission):
            mark.points, mark.note = None, None  # an answer may stand anywhere
            mark.text = "\n\n".join(_own_prose(submission))[:LONGEST_ANSWER]
        return mark
    text = submission.cells[place].source
    if task.kind == "question":
        after = [submission.cells[i].source for i in _added_after(submission, place)]
        mark.answer = _digest("\n".join([text, *after]))
        mark.text = "\n\n".join([text, *after])[:LONGEST_ANSWER]
        if is_stub(task, text) and not after:
            mark.note = texts(judge.UNDONE)
        else:
            mark.points = None
        return mark
    mark.answer = _digest(text)
    more = [
        cell.source
        for index, cell in enumerate(submission.cells)
        if index != place and cell.kind == "code" and defines(cell.source, task.target)
    ]
    mark.text = "\n\n".join([text, *more])[:LONGEST_ANSWER]
    if not outcomes or outcomes[0].undone:
        mark.note = texts(judge.UNDONE)
        return mark
    right = [outcome.ok for outcome in outcomes]
    if isinstance(task.exercise, Exercise):
        mark.right, mark.weight = weights.weigh(task.exercise, right, judge.SEEDS)
        share = weights.share(task.exercise, right, judge.SEEDS)
    else:
        share = float(all(right))
    mark.points = round(task.points * share, 2)
    mark.cases = [CaseMark(o.ok, texts(o.text), o.call) for o in outcomes]
    told = judge.hint(task.exercise, outcomes) if isinstance(task.exercise, Exercise) else None
    mark.note = texts(told) if told else None
    return mark


def _digest(text: str) -> str:
    return hashlib.sha256(text.strip().encode()).hexdigest()[:16]


def _added_after(submission: Submission, place: int) -> list[int]:
    """Return the cells without an id of the release that follow a cell."""
    found = []
    for index in range(place + 1, len(submission.cells)):
        if index in submission.given:
            break
        if submission.cells[index].source.strip():
            found.append(index)
    return found


def _own_prose(submission: Submission) -> list[str]:
    return [
        cell.source
        for index, cell in enumerate(submission.cells)
        if cell.kind == "markdown" and index not in submission.given and cell.source.strip()
    ]
