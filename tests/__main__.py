"""The whole acceptance of a target: a short sequence of pytest sessions that share one run and end in one verdict.

    python -m tests --target reference --via web [--profile quick|ci|nightly] [-- pytest arguments]

Exit status: 0 *go* (or the selection passed), 1 *no-go*, 10 *incomplete*, 4 when the command line is wrong.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass

from rich.console import Console

from fixtures.targets.profile import ProfileError, load
from reports import journal, publish
from reports.journal import JournalError

WRONG_COMMAND_LINE = 4


@dataclass(frozen=True, slots=True)
class Session:
    """One pytest process of the sequence: what it runs, and over how many workers."""

    name: str
    paths: tuple[str, ...]
    workers: int


SESSIONS = (
    Session("flows", ("tests/acceptance",), 2),
    Session("probes", ("tests/contract", "tests/money", "tests/security"), 2),
)


def main(arguments: list[str]) -> int:
    given = _parse(arguments)
    console = Console(highlight=False)
    try:
        load(given.target)
        if earlier := publish.unfinished_words():
            console.print(earlier, style="yellow")
        run = journal.start(
            command=["python", "-m", "tests", *arguments],
            narrowed=bool(given.pytest),
            sessions=[session.name for session in SESSIONS],
        )
    except (ProfileError, JournalError) as error:
        console.print(str(error), markup=False)
        return WRONG_COMMAND_LINE
    try:
        for session in SESSIONS:
            status = _run(session, given)
            if status == WRONG_COMMAND_LINE:
                return status
    except KeyboardInterrupt:
        console.print("\ninterrupted: what has run is reported, as incomplete", style="yellow")
    verdict, words = publish.finish(run.folder)
    console.print(f"\n{words}", markup=False)
    return verdict.exit_status


def _run(session: Session, given: argparse.Namespace) -> int:
    """Run one session to its end, and return pytest's exit status. After Ctrl-C, let it report before going on."""
    command = [sys.executable, "-m", "pytest", *session.paths, "-q", "-n", str(session.workers)]
    command += ["--target", given.target, "--via", given.via, "--hypothesis-profile", given.profile]
    command += ["--defect", given.defect] if given.defect else []
    child = subprocess.Popen([*command, *given.pytest], env={**os.environ, "ASHORE_SESSION": session.name})
    try:
        return child.wait()
    except KeyboardInterrupt:
        child.wait()
        raise


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests", description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("--target", default="reference", metavar="NAME|PATH")
    parser.add_argument("--via", default="web", choices=("web", "api"))
    parser.add_argument("--defect", metavar="ID|FILE")
    parser.add_argument(
        "--profile", default="ci", choices=("quick", "ci", "nightly"), help="how long properties search"
    )
    parser.add_argument("pytest", nargs="*", help="after --: a selection, such as -m refund -k partial")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
