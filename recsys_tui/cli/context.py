"""What every command needs: the console and the home folder, from the global options of this run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from recsys_tui.cli.standard_input import read_standard_input
from recsys_tui.output.console import Console, OutputOptions
from recsys_tui.output.errors import UserError
from recsys_tui.output.writers import escape_ids

if TYPE_CHECKING:
    from recsys_tui.data.dataset import Mapping
    from recsys_tui.recommend.session import Session
    from recsys_tui.store.home import Home
    from recsys_tui.store.settings import Settings

STANDARD_INPUT = "-"
_options = OutputOptions()
_settings: Settings | None = None


def set_options(options: OutputOptions) -> None:
    """Set the global options of this run; the entry point does, once."""
    global _options, _settings
    _options, _settings = options, None
    escape_ids(options.spreadsheet_safe)


def console() -> Console:
    """The console of this run."""
    return Console(_options)


def home() -> Home:
    """The home folder of this run."""
    from recsys_tui.store.home import Home

    return Home.resolve(_options.home)


def config_file() -> Path:
    """The configuration file of this run, whether it exists or not."""
    from recsys_tui.store.settings import config_path

    return config_path(_options.home)


def settings() -> Settings:
    """What the configuration file says; how large a crowd has to be applies from here on.

    Its first problem is told; what is wrong in it is passed over.
    """
    global _settings  # noqa: PLW0603 - read once
    if _settings is None:
        _settings = _read_settings()
    return _settings


def pseudonyms() -> bool:
    """Whether people are shown by pseudonyms in this run: as its options say, else as the configuration file does."""
    return bool(settings().pseudonyms if _options.pseudonyms is None else _options.pseudonyms)


def _read_settings() -> Settings:
    from recsys_tui.store.settings import Known, Settings, apply_crowd, problem_told, read_settings

    path, there = config_file(), False
    try:
        there = path.exists()
    except PermissionError:
        there = True  # what it may say is passed over, and that is told
    except OSError:
        pass  # no file can have that path; where it is that of the home folder, that is told
    if not there:
        return Settings()
    from recsys_tui.recommend.ranking import ALIASES, MODEL_NAMES

    found, problems = read_settings(path, Known(models=(*MODEL_NAMES, *ALIASES)))
    apply_crowd(found)
    if problems:
        console().tell(problem_told(path, problems[0]))
    return found


def open_session(data: str | None, mapping: Mapping, refresh: bool = False) -> Session:
    """Open a session, telling on standard error what takes time; ``-`` reads the data from standard input."""
    from recsys_tui.output.messages import say
    from recsys_tui.output.neutralise import neutral_text
    from recsys_tui.recommend.session import Session

    out = console()
    piped, shown = None, data or ""
    if data == STANDARD_INPUT:
        piped = home().keep_piped(read_standard_input())
        _leave_out_forgotten(piped, mapping)
        data, shown = str(piped), say("cli.standard_input")

    def progress(step: str, _share: float | None) -> None:
        if step == "reading":
            out.tell(say("cli.reading", data=neutral_text(shown)))

    session = Session.open(data, mapping, home(), refresh, progress, pseudonyms())
    remembered = session.identity.mapping
    if data is not None and mapping.is_empty() and not remembered.is_empty():
        out.tell(say("cli.remembered_mapping", options=said_options(remembered)))
    if piped is not None and session.workspace.dataset_version() is None:
        _read_piped(session, piped)
    return session


def said_options(mapping: Mapping) -> str:
    """What was said about some data, in short: ``user=who, items=/there/items.csv``."""
    from recsys_tui.output.neutralise import neutral_text

    given = mapping.to_json().items()
    texts = (f"{name}={' '.join(value) if isinstance(value, list) else value}" for name, value in given)
    return neutral_text(", ".join(texts))


def _leave_out_forgotten(piped: Path, mapping: Mapping) -> None:
    """Keep nothing of people who are forgotten of data that held what was piped in."""
    from recsys_tui.store.atomic_files import write_bytes
    from recsys_tui.store.tombstones import Tombstones

    root = home().root
    marks = Tombstones(root)
    gone = marks.of(piped)
    if not gone:
        return
    from recsys_tui.data.kept_rows import input_without
    from recsys_tui.store.data_traces import held_when_read
    from recsys_tui.store.kept_copies import note_rewritten

    try:
        rest = input_without(piped, mapping, gone)
    except UserError:  # it is told where it is read
        return
    if rest is not None:
        marks.follow(piped, held_when_read(root, piped, ()))
        note_rewritten(root, rest)
        write_bytes(piped, rest)


def _read_piped(session: Session, piped: Path) -> None:
    """Read what was piped in, so that it is not kept where it is no data."""
    from recsys_tui.output.messages import say

    try:
        session.load()
    except BaseException as error:
        session.home.drop_piped(piped)
        if isinstance(error, UserError) and error.fields.get("path") == str(piped):  # nobody knows it by this path
            fields = error.fields | {"path": say("cli.standard_input")}
            raise UserError(error.message_id, error.exit_code, **fields) from error
        raise
