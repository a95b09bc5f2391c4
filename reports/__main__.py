"""`python -m reports`: render a run, merge runs of several machines, clean up old ones."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from reports import journal
from reports.housekeeping import KEPT_NO_GO, KEPT_RUNS, clean
from reports.journal import JournalError
from reports.publish import publish, words

RULE = f"The last {KEPT_RUNS} runs stay, and every no-go of the last {KEPT_NO_GO.days} days."


def main(arguments: list[str] | None = None) -> int:
    """Return the exit status: the verdict's own (0, 1, 10) after render and merge, 4 for a wrong command."""
    parser = argparse.ArgumentParser(prog="python -m reports", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    render = commands.add_parser("render", help="judge a run anew and write its reports, also after it was killed")
    render.add_argument("run", nargs="?", help="id or folder (default: the latest)")
    merge = commands.add_parser("merge", help="one verdict and report of several runs")
    merge.add_argument("runs", nargs="+", metavar="RUN", help="id or folder")
    merge.add_argument("--into", required=True, type=Path, metavar="FOLDER", help="a new folder")
    commands.add_parser("clean", help="remove old runs", description=RULE)
    given = parser.parse_args(arguments)
    try:
        if given.command == "clean":
            return _clean()
        if given.command == "merge":
            return _publish(journal.merge([journal.find(run) for run in given.runs], given.into))
        return _publish(journal.find(given.run))
    except (JournalError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 4


def _publish(folder: Path) -> int:
    verdict = publish(folder)
    print(words(verdict, folder))  # noqa: T201 - the command's output
    return verdict.exit_status


def _clean() -> int:
    removed = clean()
    for folder in removed:
        print(f"removed {folder}")  # noqa: T201
    print(f"{len(removed)} runs removed. {RULE}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
