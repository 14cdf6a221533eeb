"""The course's one command line: ``python -m press …`` (the Makefile calls it)."""

from __future__ import annotations

import argparse
import io
import os
import sys
import time
from pathlib import Path

from press.arguments import port, positive
from press.exports.busy import BusyError
from press.exports.house import HouseError
from press.exports.katex import FormulaError
from press.exports.slides import ExportError
from press.grading import commands as grading
from press.sources.bibliography import BibliographyError
from press.sources.source import SourceError, find, read
from unrolled.messages import LANGUAGES

ROOT = Path(__file__).resolve().parent.parent


def main(argv: list[str] | None = None) -> int:
    """Run one command; return the exit status (0: fine, 1: problems were named, 2: misuse)."""
    parser = argparse.ArgumentParser(prog="python -m press", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, text: str, *, sources: bool = True) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        if sources:
            added.add_argument(
                "names", nargs="*", help="sources (lectures/03_gates.md or 03_gates); default: all"
            )
        return added

    command("check", "read sources and name what is wrong with them, by file and line")
    editions = command("editions", "regenerate the notebooks, executing what changed")
    editions.add_argument("--force", action="store_true", help="execute even if nothing changed")
    editions.add_argument("--check", action="store_true", help="write nothing; fail if out of date")
    build = command("build", "export everything into build/: decks, pages, PDFs, index")
    build.add_argument("--out", type=Path, default=ROOT / "build", help="where to")
    site = command("site", "build what students may have into build/site/")
    site.add_argument("--out", type=Path, default=ROOT / "build" / "site", help="where to")
    site.add_argument("--solutions", action="store_true", help="the labs' solutions, too")
    site.add_argument("--zip", type=Path, help="write all of it into one archive as well")
    deck = command("deck", "export one lecture's decks into build/", sources=False)
    deck.add_argument("--lecture", required=True, help="number or name, for example 03")
    deck.add_argument("--edition", default="", choices=["", "pl", "en"], help="default: both")
    deck.add_argument("--out", type=Path, default=ROOT / "build", help="where to")
    watch = command("watch", "make decks again as their sources are saved", sources=False)
    watch.add_argument("--port", type=port, default=8765, help="the first port to try")
    watch.add_argument("--out", type=Path, default=ROOT / "build", help="where to")
    full = command("full", "execute labs at full scale; write bench/results.json")
    full.add_argument("--out", type=Path, default=ROOT / "bench" / "results.json")
    full.add_argument("--again", action="store_true", help="also what is done in build/full")
    full.add_argument("--at-once", type=positive, default=1, metavar="N", help="labs at a time; 1")
    full.add_argument("--dask", default="", metavar="ADDRESS", help="a Dask scheduler's address")
    full.add_argument("--tables", action="store_true", help="only write the tables again")
    data = commands.add_parser("data", help="fetch the full data sets, or check what is there")
    data.description = "Fetch every full data set that is not there; say under which terms."
    data.add_argument("names", nargs="*", help="data sets (mnist, imdb …); default: all")
    data.add_argument("--check", action="store_true", help="fetch nothing; say what is there")
    taken = command("corpus", "take a new snapshot of the course's prose", sources=False)
    taken.add_argument("--edition", choices=["pl", "en"], help="one language; default: both")
    lab = command("lab", "open JupyterLab ready for presenting", sources=False)
    lab.add_argument("--study", action="store_true", help="for students: autosave stays on")
    lab.add_argument("--open", default="", help="path to open at once, below the repository")
    present = command("present", "open a lecture in the RISE view", sources=False)
    present.add_argument("--lecture", required=True, help="number or name: 03, gates")
    present.add_argument("--edition", default="pl", choices=["pl", "en"])
    present.add_argument(
        "--slide", type=positive, default=1, help="the slide to begin with, from 1"
    )
    for serving in (lab, present):
        serving.add_argument("--no-browser", action="store_true")
        serving.add_argument("--port", type=port, default=8888)
    grading.add(lambda name, text: command(name, text, sources=False))
    args = parser.parse_args(argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # a log file has each line at once, too
    if args.command == "grade" and not (args.submitted or args.again or args.remove):
        parser.error("say what to grade (a folder or archive), or --again or --remove STUDENT")
    try:
        if args.command in grading.COMMANDS:
            return grading.run(args)
        return _COMMANDS[args.command](args)
    except SourceError as error:
        print(error, file=sys.stderr)
        print(f"{len(error.problems)} problem(s)", file=sys.stderr)
        return 1
    except (BusyError, ExportError, FormulaError, HouseError, BibliographyError) as error:
        print(f"press: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        named = f"{error.filename}: {error.strerror}" if error.filename else error
        print(f"press: {named}", file=sys.stderr)
        return 2


def _check(args: argparse.Namespace) -> int:
    from press.exports import compiled, unmatched
    from press.sources import hints, notation, numbering, syntax

    known = notation.table(ROOT)
    paths = find(ROOT, args.names)
    problems = hints.problems(ROOT, None if not args.names else [path.stem for path in paths])
    problems += numbering.problems(ROOT) + unmatched.problems(ROOT)
    for path in paths:
        try:
            source = read(path)
            problems += syntax.problems(source)
            problems += compiled.problems(source) + notation.problems(source, known)
        except SourceError as error:
            problems += error.problems
    if problems:
        raise SourceError(problems)
    print(f"{len(paths)} source(s), nothing wrong")
    return 0


def _editions(args: argparse.Namespace) -> int:
    from press.notebooks.update import stale, update

    paths = find(ROOT, args.names)
    if args.check:
        late = [line for path in paths for line in stale(path, ROOT)]
        print("\n".join(late) if late else f"{len(paths)} source(s), all notebooks up to date")
        if late:
            print("run: make notebooks", file=sys.stderr)
        return 1 if late else 0
    for path in paths:
        report = update(path, ROOT, force=args.force)
        how = "outputs hold" if report.seconds is None else f"ran, {report.seconds:.1f} CPU-s"
        wrote = f"{len(report.written)} file(s) written" if report.written else "nothing to write"
        print(f"{report.source.kind:8} {report.source.name:24} {how}, {wrote}")
    return 0


def _build(args: argparse.Namespace) -> int:
    from press.exports.site import build

    started = time.perf_counter()
    index = build(find(ROOT, args.names), ROOT, args.out)
    print(f"built in {time.perf_counter() - started:.0f} s; open {index}")
    return 0


def _site(args: argparse.Namespace) -> int:
    from press.exports.site import bundle, check_bundle, students

    paths = find(ROOT, args.names)
    if args.zip:
        check_bundle(args.out, args.zip)
    first = students(paths, ROOT, args.out, jobs=os.cpu_count() or 2, solutions=args.solutions)
    print(f"what students may have: {first}")
    if args.zip:
        bundle(args.out, args.zip)
        print(f"the same in one file: {args.zip} ({args.zip.stat().st_size / 1e6:.0f} MB)")
    return 0


def _deck(args: argparse.Namespace) -> int:
    from press.exports import made
    from press.exports.site import exports, make

    said = args.lecture
    for path in find(ROOT):
        number, slug = path.stem.split("_", 1)
        if path.parent.name == "lectures" and said.zfill(2) in (number, slug, path.stem):
            for lang in [args.edition] if args.edition else LANGUAGES:
                for export in exports(read(path), ROOT, lang):
                    if export.label == "slides":
                        made.claim(args.out, [export.target])
                        print(make(export, args.out))
            return 0
    known = ", ".join(p.stem for p in find(ROOT) if p.parent.name == "lectures")
    raise FileNotFoundError(f"there is no lecture {said!r}; there are {known}")


def _watch(args: argparse.Namespace) -> int:
    from press.exports.watch import watch

    return watch(ROOT, args.out, port=args.port)


def _full(args: argparse.Namespace) -> int:
    from press.cluster import ClusterError
    from press.notebooks.full import rewrite_tables, run_full

    if args.tables:
        rewrite_tables(args.out, ROOT)
        return 0
    try:
        paths = find(ROOT, args.names)
        if not any(path.parent.name == "labs" for path in paths):
            raise FileNotFoundError(
                "only labs are executed at full scale, and none is named: 03_airline, say"
            )
        return run_full(
            paths, ROOT, args.out, at_once=args.at_once, dask=args.dask, again=args.again
        )
    except ClusterError as error:
        print(f"press: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nstopped; make full goes on with what is missing", file=sys.stderr)
        return 130


def _data(args: argparse.Namespace) -> int:
    from unrolled.data.copies import check_all, chosen, fetch_all
    from unrolled.data.download import CACHE_VARIABLE, cache_directory

    place = cache_directory()
    if place.exists() and not place.is_dir():
        raise NotADirectoryError(
            f"{place} is a file: {CACHE_VARIABLE} names the folder in which data sets are kept"
        )
    try:
        chosen(args.names)
    except KeyError as error:
        raise FileNotFoundError(error.args[0]) from None
    try:
        if args.check:
            wrong = check_all(args.names)
        else:
            wrong = fetch_all(args.names, progress=sys.stderr.isatty())
    except KeyboardInterrupt:
        print("\nstopped; what came is kept, and make data goes on from there", file=sys.stderr)
        return 130
    return 1 if wrong else 0


def _corpus(args: argparse.Namespace) -> int:
    from press.files import write_whole
    from press.sources.corpus import FILES, corpus

    for language, file in FILES.items():
        if args.edition in (None, language):
            path = ROOT / "data" / file
            text = corpus(ROOT, language)
            write_whole(path, text)
            print(f"{path}: {len(text):,} characters; now: make notebooks")
    return 0


def _lab(args: argparse.Namespace) -> int:
    from press.exports.lab import lab, study

    start = study if args.study else lab
    return start(ROOT, args.open, browser=not args.no_browser, port=args.port)


def _present(args: argparse.Namespace) -> int:
    from press.exports.lab import present
    from press.exports.live import lecture_path

    path = lecture_path(ROOT, args.lecture, args.edition)
    return present(ROOT, path, slide=args.slide, browser=not args.no_browser, port=args.port)


_COMMANDS = {
    "check": _check,
    "editions": _editions,
    "build": _build,
    "site": _site,
    "deck": _deck,
    "watch": _watch,
    "full": _full,
    "data": _data,
    "corpus": _corpus,
    "lab": _lab,
    "present": _present,
}

if __name__ == "__main__":
    sys.exit(main())
