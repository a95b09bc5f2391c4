"""What the suite starts ends with whoever started it, however that ended."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fixtures.targets.supervise import SUPERVISED

CHILD = "import os, signal; print(os.getpid(), flush=True); signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + CHILD


def supervised(code: str) -> subprocess.Popen[str]:
    command = [*SUPERVISED, sys.executable, "-c", code]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def gone(pid: int, seconds: float = 10) -> bool:
    """Whether the process ends within the time."""
    deadline = time.monotonic() + seconds
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        while "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]:
            if time.monotonic() > deadline:
                return False
    return True


@pytest.mark.parametrize("command", [CHILD, STUBBORN], ids=["willing", "ignores SIGTERM"])
def test_closing_the_pipe_ends_the_command(command: str) -> None:
    process = supervised(command)
    assert process.stdin is not None
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    process.stdin.close()
    assert gone(pid)
    process.wait(5)
    process.stdout.close()


def test_killing_the_starter_ends_the_command() -> None:
    starter = (
        "import subprocess, sys, signal;"
        f"subprocess.Popen([*{SUPERVISED!r}, sys.executable, '-c', {CHILD!r}],"
        "stdin=subprocess.PIPE); signal.pause()"
    )
    process = subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    os.kill(process.pid, signal.SIGKILL)
    assert gone(pid)
    process.wait(5)
    process.stdout.close()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_supervisor_reaches_the_command(sent: signal.Signals) -> None:
    process = supervised(CHILD)
    assert process.stdin is not None
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    process.send_signal(sent)
    assert gone(pid)
    assert process.wait(10) == -sent % 256
    process.stdin.close()
    process.stdout.close()


def test_a_command_that_there_is_not_is_one_message() -> None:
    command = [*SUPERVISED, "/nowhere/shop"]
    done = subprocess.run(command, input="", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (127, "cannot start /nowhere/shop: No such file or directory\n")


def test_the_commands_status_is_passed_on() -> None:
    process = supervised("raise SystemExit(7)")
    assert process.wait(10) == 7
    assert process.stdin is not None
    process.stdin.close()
