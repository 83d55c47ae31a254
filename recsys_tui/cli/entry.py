"""The entry point of both console scripts: runs a command and turns whatever goes wrong into one sentence."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

from recsys_tui import __version__
from recsys_tui.output.console import Console, OutputOptions, complain, prepare_streams
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.processes.addresses import few_threads_where_limited

OWN_UMASK = 0o077  # what is made is for its owner alone, and the owner may do with it what is to be done


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code (the console scripts exit with it)."""
    stdout = sys.stdout
    arguments = sys.argv[1:] if arguments is None else arguments
    few_threads_where_limited()
    os.umask(OWN_UMASK)
    try:
        if list(arguments) == ["--version"]:  # needs none of the commands, which take longer to load than to answer
            prepare_streams()
            Console(OutputOptions()).data(say("cli.version", version=__version__))
            return ExitCode.DONE
        # Within, so that a ^C while they load is one sentence too.
        from recsys_tui.cli.context import set_options
        from recsys_tui.cli.global_options import split_global_options

        prepare_streams()
        stdout = sys.stdout
        options, rest = split_global_options(arguments)
        set_options(options)
        if rest[:1] == ["open"]:
            # Reading Typer takes longer than reading two words.
            from recsys_tui.cli.opening import data_alone, open_data
            from recsys_tui.data.dataset import Mapping

            if (data := data_alone(rest)) is not None:
                return open_data(data, Mapping())
        from recsys_tui.cli.application import application

        application(rest)(rest, standalone_mode=True)
    except SystemExit as ending:
        if sys.stdout is not stdout:  # Typer swaps the streams, and fails, where a reader of its help went away
            return ExitCode.DONE
        if ending.code == ExitCode.INTERRUPTED:  # Typer says nothing
            complain(say("cli.interrupted"))
        return (
            ending.code if isinstance(ending.code, int) else ExitCode.DONE if ending.code is None else ExitCode.FAILED
        )
    except UserError as error:
        complain(str(error))
        _debug()
        return error.exit_code
    except KeyboardInterrupt:
        complain(say("cli.interrupted"))
        return ExitCode.INTERRUPTED
    except BaseException as error:
        from recsys_tui.cli.context import home
        from recsys_tui.store.unforeseen import is_told, sentence_of

        if not is_told(error):
            raise
        complain(sentence_of(error, home))
        _debug()
        return ExitCode.FAILED
    return ExitCode.DONE


def _debug() -> None:
    if os.environ.get("RECSYS_DEBUG") == "1":
        traceback.print_exc()
