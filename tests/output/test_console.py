"""The streams of a command: what is pretty, what is plain, what is silent, and what happens when a stream is gone."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable

import pytest

from recsys_tui.output.console import CSV, Console, OutputOptions, complain, human_bytes, on_terminal, prepare_streams
from recsys_tui.output.errors import ExitCode, UserError


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Failing(io.StringIO):
    """A stream that takes nothing."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error
        self.file = open("/dev/null", "w")  # noqa: SIM115, PTH123 - something with a number of its own to be silenced

    def write(self, text: str) -> int:
        raise self.error

    def fileno(self) -> int:
        return self.file.fileno()

    def close(self) -> None:
        self.file.close()
        super().close()


@pytest.fixture
def failing() -> Callable[[OSError], Failing]:
    made: list[Failing] = []

    def make(error: OSError) -> Failing:
        made.append(Failing(error))
        return made[-1]

    yield make
    for stream in made:
        stream.close()


def test_a_table_is_tab_separated_in_a_pipe(capsys: pytest.CaptureFixture[str]):
    Console(OutputOptions()).table(("#", "title"), [(1, "Alien [1979]"), (2, None)], numbers=(0,))
    assert capsys.readouterr().out == "#\ttitle\n1\tAlien [1979]\n2\t\n"


def test_what_is_needed_whole_is_not_shortened(monkeypatch: pytest.MonkeyPatch):
    screen, key = Terminal(), "films-dd6c7a0b1c2d"
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("COLUMNS", "50")
    Console(OutputOptions()).table(("key", "path"), [(key, "/far" * 20)], whole=(0,))
    assert key in screen.getvalue()
    assert "/far" * 20 not in screen.getvalue()


def test_a_row_is_one_line_whatever_its_cells_hold(capsys: pytest.CaptureFixture[str]):
    Console(OutputOptions()).table(("a", "b"), [("x\ty", "one\r\ntwo\x1b[31m\u2028three")])
    assert capsys.readouterr().out == "a\tb\nx y\tone two three\n"


def test_a_table_on_a_terminal_has_boxes_and_reads_no_markup(monkeypatch: pytest.MonkeyPatch):
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    Console(OutputOptions()).table(("#", "title"), [(1, "[red]Alien[/red]"), (22, "Heat")], numbers=(0,))
    lines = [line.rstrip() for line in screen.getvalue().splitlines() if line.strip()]
    assert "─" in lines[1]
    assert "[red]Alien[/red]" in lines[2]
    assert lines[2].split("[red]")[0].find("1") == lines[3].split("Heat")[0].find("22") + 1


def test_plain_keeps_a_terminal_free_of_boxes(monkeypatch: pytest.MonkeyPatch):
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    Console(OutputOptions(plain=True)).table(("a", "b"), [(1, 2)])
    assert screen.getvalue() == "a\tb\n1\t2\n"


@pytest.mark.parametrize(
    ("options", "terminal", "lively"),
    [
        (OutputOptions(), True, True),
        (OutputOptions(form=CSV), True, True),
        (OutputOptions(), False, False),
        (OutputOptions(plain=True), True, False),
        (OutputOptions(quiet=True), True, False),
    ],
)
def test_progress_moves_only_on_a_terminal(monkeypatch, options: OutputOptions, terminal: bool, lively: bool):
    monkeypatch.setattr(sys, "stderr", Terminal() if terminal else io.StringIO())
    assert Console(options).lively is lively


def test_narration_goes_to_standard_error_and_quiet_silences_it(capsys: pytest.CaptureFixture[str]):
    Console(OutputOptions()).tell("Reading …")
    Console(OutputOptions(quiet=True)).tell("Training …")
    assert capsys.readouterr() == ("", "Reading …\n")


def test_errors_are_said_even_where_nobody_can_listen(monkeypatch: pytest.MonkeyPatch, failing):
    for gone in (None, failing(BrokenPipeError(32, "Broken pipe")), failing(OSError(28, "No space left on device"))):
        monkeypatch.setattr(sys, "stderr", gone)
        complain("Nobody hears this.")
        assert Console(OutputOptions()).lively is False


def test_a_reader_that_went_away_ends_the_program_quietly(monkeypatch: pytest.MonkeyPatch, failing):
    monkeypatch.setattr(sys, "stdout", failing(BrokenPipeError(32, "Broken pipe")))
    with pytest.raises(SystemExit) as ending:
        Console(OutputOptions()).data("{}")
    assert ending.value.code == 0


def test_a_full_disk_behind_standard_output_is_one_sentence(monkeypatch: pytest.MonkeyPatch, failing):
    monkeypatch.setattr(sys, "stdout", failing(OSError(28, "No space left on device")))
    with pytest.raises(UserError, match="No space left on device") as said:
        Console(OutputOptions()).data("{}")
    assert (said.value.message_id, said.value.exit_code) == ("cli.output_stopped", ExitCode.FAILED)


def test_a_closed_standard_output_is_one_sentence(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdout", None)
    assert Console(OutputOptions()).pretty is False
    with pytest.raises(UserError) as said:
        Console(OutputOptions()).data("{}")
    assert (said.value.message_id, said.value.exit_code) == ("cli.no_standard_output", ExitCode.FAILED)


@pytest.mark.parametrize(
    ("stdin", "stderr", "expected"),
    [(Terminal, Terminal, True), (io.StringIO, Terminal, False), (Terminal, io.StringIO, False)],
)
def test_a_terminal_is_where_input_and_error_are_one(monkeypatch: pytest.MonkeyPatch, stdin, stderr, expected: bool):
    monkeypatch.setattr(sys, "stdin", stdin())
    monkeypatch.setattr(sys, "stderr", stderr())
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert on_terminal() is expected


def test_a_program_without_streams_has_no_terminal(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert on_terminal() is False


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_500, "1.5 KB"), (2_340_000, "2.3 MB"), (5e12, "5000.0 GB")],
)
def test_sizes_for_people(count: float, text: str):
    assert human_bytes(int(count)) == text


def test_a_terminal_gets_lines_that_end_between_words(monkeypatch: pytest.MonkeyPatch):
    sentence = "Nothing that people read is cut within a word, and /a/path/that/is/longer/than/the/line stays whole."
    monkeypatch.setenv("COLUMNS", "30")
    for stream in (Terminal(), io.StringIO()):
        monkeypatch.setattr(sys, "stderr", stream)
        complain(sentence)
        lines = stream.getvalue().splitlines()
        assert " ".join(lines) == sentence
        if stream.isatty():
            assert all(len(line) <= 30 or line == "/a/path/that/is/longer/than/the/line" for line in lines)
        else:
            assert len(lines) == 1


@pytest.mark.parametrize("size", ["9" * 5_000, "\u00b2", "1000000000", "-1", "wide"])
def test_a_size_that_no_terminal_has_is_passed_over(monkeypatch: pytest.MonkeyPatch, size: str):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    for side in ("COLUMNS", "LINES"):
        monkeypatch.setenv(side, size)
    prepare_streams()
    Console(OutputOptions()).table(["item"], [["Heat"]])
    assert "Heat" in terminal.getvalue()


def test_a_size_that_a_terminal_has_counts(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "30")
    prepare_streams()
    assert os.environ["COLUMNS"] == "30"
