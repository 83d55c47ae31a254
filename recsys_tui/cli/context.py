"""What every command needs: the console and the home folder, from the global options of this run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from recsys_tui.output.console import Console, OutputOptions

if TYPE_CHECKING:
    from recsys_tui.data.dataset import Mapping
    from recsys_tui.recommend.session import Session
    from recsys_tui.store.home import Home

STANDARD_INPUT = "-"
_options = OutputOptions()


def set_options(options: OutputOptions) -> None:
    """Set the global options of this run; the entry point does, once."""
    global _options  # noqa: PLW0603 - one process, one command
    _options = options


def console() -> Console:
    """The console of this run."""
    return Console(_options)


def home() -> Home:
    """The home folder of this run."""
    from recsys_tui.store.home import Home

    return Home.resolve(_options.home)


def open_session(data: str | None, mapping: Mapping, refresh: bool = False) -> Session:
    """Open a session, telling on standard error what takes time; ``-`` reads the data from standard input."""
    from recsys_tui.output.messages import say
    from recsys_tui.output.neutralise import neutral_text
    from recsys_tui.recommend.session import Session

    out = console()
    shown = data or ""
    if data == STANDARD_INPUT:
        data, shown = str(home().keep_piped(sys.stdin.buffer.read())), say("cli.standard_input")

    def progress(step: str, _share: float | None) -> None:
        if step == "reading":
            out.tell(say("cli.reading", data=neutral_text(shown)))

    session = Session.open(data, mapping, home(), refresh, progress)
    remembered = session.identity.mapping
    if data is not None and mapping.is_empty() and not remembered.is_empty():
        options = ", ".join(f"{name}={value}" for name, value in remembered.to_json().items())
        out.tell(say("cli.remembered_mapping", options=neutral_text(options)))
    return session
