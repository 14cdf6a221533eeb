"""Write the diagrams, or check that they are up to date."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from unrolled.diagrams import draw, names, paths, stale, write


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return 1 if ``--check`` finds a file out of date."""
    parser = argparse.ArgumentParser(prog="python -m unrolled.diagrams", description=__doc__)
    parser.add_argument("names", nargs="*", help="diagrams; all of them by default")
    parser.add_argument("--check", action="store_true", help="write nothing; list stale files")
    parser.add_argument("--preview", type=Path, help="write PNGs to this folder instead")
    args = parser.parse_args(argv)
    if unknown := sorted(set(args.names) - set(names())):
        parser.error(f"no diagram {', '.join(unknown)}; there are {', '.join(names())}")
    if args.preview:
        args.preview.mkdir(parents=True, exist_ok=True)
        for name, lang in paths().values():
            if not args.names or name in args.names:
                (args.preview / f"{name}.{lang}.png").write_bytes(draw(name, lang).png())
        return 0
    if args.check:
        problems = stale()
        print("\n".join(problems) or f"{len(names())} diagrams, all up to date")
        if problems:
            print("run: python -m unrolled.diagrams", file=sys.stderr)
        return 1 if problems else 0
    for path in write(only=args.names or None):
        print(path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
