"""The program as a process: what its help may import, interrupts, closed pipes, unforeseen errors, no terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from recsys_tui import __version__
from recsys_tui.cli.entry import main
from recsys_tui.output.messages import say
from recsys_tui.recommend.session import Session

RECSYS = [sys.executable, "-m", "recsys_tui"]
HEAVY = ("torch", "sklearn", "scipy", "polars", "textual", "numpy")
COMMANDS = (
    [], ["open"], ["inspect"], ["train"], ["recommend"], ["predict"], ["audience"], ["evaluate"], ["update"],
    ["clusters"], ["doctor"], ["workspace"], ["workspace", "list"], ["datasets"], ["datasets", "list"],
    ["datasets", "make"],
    ["feedback"], ["feedback", "add"], ["ab"], ["ab", "start"], ["ab", "simulate"],
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_imports_nothing_heavy(command: list[str]):
    program = (
        "import sys\nfrom recsys_tui.cli.entry import main\n"
        f"code = main({[*command, '--help']!r})\n"
        f"heavy = sorted(set({HEAVY!r}) & set(sys.modules))\n"
        "sys.exit(code or (f'imported {heavy}' if heavy else 0))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "--help" in done.stdout
    assert not [line for line in done.stdout.splitlines() if len(line) > 80]


def test_version_and_no_arguments():
    done = subprocess.run([*RECSYS, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"recsys-tui {__version__}\n"
    done = subprocess.run(RECSYS, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 2
    assert "Commands:" in done.stdout


def test_open_without_a_terminal_prints_the_overview():
    done = subprocess.run(
        [*RECSYS, "open", "films"], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=True
    )
    assert "1,500" in done.stdout


def test_a_reader_that_goes_away_is_no_error():
    program = subprocess.Popen([*RECSYS, "inspect", "films", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert program.stdout is not None
    assert program.stderr is not None
    program.stdout.close()
    said = program.stderr.read().decode()
    assert program.wait() == 0
    assert "Traceback" not in said
    assert "Broken" not in said


def test_an_interrupt_while_training_ends_with_130():
    process = subprocess.Popen(
        [*RECSYS, "train", "films", "--preset", "full"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("Training"):
            break
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert "Traceback" not in err


def test_an_interrupt_while_waiting_for_standard_input_is_one_sentence():
    process = subprocess.Popen(
        [*RECSYS, "inspect", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    process.stdin.write("user,item\n" * 50_000)  # more than a pipe holds: when it is taken, the program is reading
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "Interrupted.\n"


def test_an_interrupt_while_the_program_itself_is_read_is_one_sentence():
    program = """
import os, signal, sys
from recsys_tui.cli.start import main

class Interrupts:
    def find_spec(self, name, *_):
        if name == "recsys_tui.output.console":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupts())
sys.exit(main())
"""
    done = subprocess.run([sys.executable, "-c", program, "--version"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Interrupted.\n")


def test_next_to_nothing_is_read_before_an_interrupt_is_one_sentence():
    program = (
        "import os, sys\nsys.path.insert(0, sys.argv[1])\nbefore = set(sys.modules)\nimport recsys_tui.cli.start\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-S", "-c", program, root], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["__future__", "recsys_tui", "recsys_tui.cli", "recsys_tui.cli.start"]


def test_an_unforeseen_error_is_one_sentence_and_a_log(tmp_path: Path):
    program = (
        "import sys\nfrom recsys_tui.recommend.session import Session\n"
        "Session.open = classmethod(lambda *a, **k: 1 / 0)\n"
        "from recsys_tui.cli.entry import main\nsys.exit(main(['inspect', 'films']))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "ZeroDivisionError" in done.stderr
    log = Path(os.environ["RECSYS_HOME"]) / "state" / "errors.log"
    assert "division by zero" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"RECSYS_DEBUG": "1"},
    )
    assert "Traceback" in done.stderr


@pytest.mark.parametrize(("limited", "said"), [(True, say("models.out_of_addresses")), (False, "PanicException")])
def test_a_failure_within_polars_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], limited: bool, said: str
):
    """Which is no ``Exception``; under a limit of addresses it is memory that ran out."""
    panic = type("PanicException", (BaseException,), {})

    def fail(*_: object, **_options: object) -> None:
        raise panic("PyObject pointer is null")

    monkeypatch.setattr(Session, "open", fail)
    monkeypatch.setattr("recsys_tui.processes.out_of_memory.address_limit", lambda: 2**31 if limited else None)
    assert main(["inspect", "films"]) == 1
    errors = capsys.readouterr().err
    assert said in errors
    assert "Traceback" not in errors
