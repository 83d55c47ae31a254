"""The entry point of both console scripts: runs a command and turns whatever goes wrong into one sentence."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress

from recsys_tui import __version__
from recsys_tui.output.console import Console, OutputOptions, complain, prepare_streams
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.processes.addresses import few_threads_where_limited

POLARS_FAILED = "PanicException"  # no Exception, and in no module that can be imported
NO_PATH = (errno.ENAMETOOLONG, errno.ELOOP)  # what leads nowhere whatever is made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code (the console scripts exit with it)."""
    stdout = sys.stdout
    arguments = sys.argv[1:] if arguments is None else arguments
    few_threads_where_limited()
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
    except MemoryError:
        complain(say("models.out_of_memory"))
        return ExitCode.FAILED
    except Exception as error:
        complain(_sentence(error))
        _debug()
        return ExitCode.FAILED
    except BaseException as error:
        if type(error).__name__ != POLARS_FAILED:
            raise
        from recsys_tui.data.memory import addresses_are_limited

        complain(say("models.out_of_memory") if addresses_are_limited() else _sentence(error))
        _debug()
        return ExitCode.FAILED
    return ExitCode.DONE


def _debug() -> None:
    if os.environ.get("RECSYS_DEBUG") == "1":
        traceback.print_exc()


def _sentence(error: BaseException) -> str:
    """What to say about an error that nobody foresaw; the details go to the log."""
    from recsys_tui.cli.context import home

    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        if error.filename is None:  # files are told apart where they are written; what is left is a stream
            return say("cli.output_stopped", reason=error.strerror)
        return say("store.disk_full", path=error.filename)
    if isinstance(error, OSError) and error.errno == errno.EIO and error.filename is None:  # the terminal is gone
        return say("cli.output_stopped", reason=error.strerror)
    if isinstance(error, PermissionError) and error.filename:
        return say("cli.no_permission", path=error.filename)
    if isinstance(error, OSError) and error.errno in NO_PATH and error.filename:
        return say("cli.no_path", path=error.filename, reason=error.strerror)
    from recsys_tui.processes.told_process import stands_nowhere
    from recsys_tui.store.error_log import log_error

    if isinstance(error, FileNotFoundError) and stands_nowhere():
        return say("cli.nowhere")

    log = None
    with suppress(UserError):  # the home folder itself cannot be used
        log = log_error(home(), error)
    return say("cli.unexpected", kind=type(error).__name__, log=log or say("cli.no_log"))
