"""The whole acceptance of a target: a short sequence of pytest sessions that share one run and end in one verdict.

    python -m tests --target reference --via web [--profile quick|ci|nightly] [-- pytest arguments]

Exit status:

0    *go*, or the selection passed
1    *no-go*, or the selection failed
4    the command line or the profile is wrong, or the run's folder cannot be written; nothing was judged
10   *incomplete*: the target is down, hangs, answers 502 or is not trusted; no browser; a broken driver; Ctrl-C

Plain `pytest` ends with the same, but for Ctrl-C (2) and where nothing was selected (5), which are pytest's own.
SIGKILL leaves no status and no verdict: `python -m reports render` gives the run one, and the next command says so.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from typing import NoReturn

from rich.console import Console

from fixtures.defects import DefectError
from fixtures.start import profile_of
from fixtures.targets.profile import ProfileError
from fixtures.targets.supervise import SUPERVISED
from reports import journal, publish
from reports.housekeeping import unfinished_words
from reports.journal import SESSION_VARIABLE, JournalError

WORKERS = 2
WRONG_COMMAND_LINE = 4
INCOMPLETE = 10


@dataclass(frozen=True, slots=True)
class Session:
    """One pytest process of the sequence: what it runs, through which channel, and with which options besides."""

    name: str
    paths: tuple[str, ...]
    via: str
    options: tuple[str, ...] = ()


FLOWS = ("tests/acceptance",)
PROBES = ("tests/contract", "tests/money", "tests/security")


def sequence(via: str, narrowed: bool) -> tuple[Session, ...]:
    """The sessions of a run. A selection needs one only: what it leaves out would start a target for nothing.

    What is judged through the pages is judged through the interface, too: a page has no button for what is forbidden,
    and a target that refuses by its pages alone refuses nobody who writes a request.
    """
    if narrowed:
        return (Session("selection", (*FLOWS, *PROBES), via),)
    flows = [Session("flows", FLOWS, via)]
    if via == "web":
        flows.append(Session("flows by interface", FLOWS, "api", ("-m", "not web")))
    return (*flows, Session("probes", PROBES, via))


def main(arguments: list[str]) -> int:
    given = _parse(arguments)
    sessions = sequence(given.via, narrowed=bool(given.pytest))
    console = Console(highlight=False, soft_wrap=True)  # a path that is broken in two cannot be copied
    try:
        profile_of(given.target, given.defect)
        if earlier := unfinished_words():
            console.print(earlier, style="yellow")
        run = journal.start(
            command=["python", "-m", "tests", *arguments],
            narrowed=bool(given.pytest),
            sessions=[session.name for session in sessions],
        )
    except (ProfileError, DefectError, JournalError) as error:
        sys.stderr.write(f"error: {error}\n")
        return WRONG_COMMAND_LINE
    status = None
    try:
        for session in sessions:
            status = _run(session, given)
            if status in (WRONG_COMMAND_LINE, INCOMPLETE):
                break  # the next one would only say the same
    except KeyboardInterrupt:
        console.print("\ninterrupted: what has run is reported, as incomplete", style="yellow")
    if status == WRONG_COMMAND_LINE:  # pytest has said what is wrong; there is nothing to tell of such a run
        shutil.rmtree(run.folder)
        return status
    verdict, words = publish.finish(run.folder)
    console.print(f"\n{words}", markup=False)
    return verdict.exit_status


def _run(session: Session, given: argparse.Namespace) -> int:
    """Run one session, and return pytest's exit status. After Ctrl-C let it report; a second one ends it at once."""
    command = [
        *SUPERVISED,
        sys.executable,
        "-m",
        "pytest",
        *session.paths,
        "-q",
        "--tb=short",  # whose frames are of pytest's inside for the most part; the report has the project's own
        "-n",
        str(WORKERS),
        *session.options,
    ]
    command += ["--target", given.target, "--via", session.via, "--hypothesis-profile", given.profile]
    command += ["--defect", given.defect] if given.defect else []
    environment = {**os.environ, SESSION_VARIABLE: session.name}
    environment.pop("PYTEST_ADDOPTS", None)  # it could narrow a whole run that then says go
    child = subprocess.Popen(
        [*command, *given.pytest],
        env=environment,
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    assert child.stdin is not None
    try:
        return child.wait()
    except KeyboardInterrupt:
        child.send_signal(signal.SIGINT)
        child.wait()
        raise
    finally:
        child.stdin.close()
        child.wait()


class Parser(argparse.ArgumentParser):
    """Ends with the status that pytest gives a wrong command line."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(WRONG_COMMAND_LINE, f"error: {message}\n")


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = Parser(prog="python -m tests", description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("--target", default="reference", metavar="NAME|PATH")
    parser.add_argument("--via", default="web", choices=("web", "api"))
    parser.add_argument("--defect", metavar="ID|FILE")
    parser.add_argument(
        "--profile", default="ci", choices=("quick", "ci", "nightly"), help="how long properties search"
    )
    parser.add_argument("pytest", nargs="*", help="after --: a selection, such as -m refunds -k PayPal")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
