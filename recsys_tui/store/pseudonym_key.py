"""The key of pseudonyms, in the home folder and in nothing that is written elsewhere."""

from __future__ import annotations

import hmac
from pathlib import Path

from recsys_tui.data.pseudonyms import Pseudonyms
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.store.atomic_files import has_name
from recsys_tui.store.folder_lock import folder_lock
from recsys_tui.store.key_file import make_key, read_key
from recsys_tui.store.version_folder import sweep_partial

KEY, LOCK = "pseudonyms.key", "pseudonyms.lock"
LOCK_WAIT = 10.0
_PURPOSE = b"recsys-tui pseudonyms\0"


def pseudonyms_for(root: Path, source: Path) -> Pseudonyms:
    """The pseudonyms of the people of some data, in a home folder; its key is made where there is none.

    The same person has different ones in data of different paths. Raises ``UserError`` (exit 1) where the key is
    damaged, or cannot be written.
    """
    known = known_pseudonyms(root, source)
    if known is not None:
        return known
    path = root / KEY
    with folder_lock(root / LOCK, say("pseudonyms.making_key"), LOCK_WAIT):
        sweep_partial(root, KEY)
        if not has_name(path):
            make_key(path)
    return _of(_key(path), source)


def known_pseudonyms(root: Path, source: Path) -> Pseudonyms | None:
    """The same where a key was made before, else None: then nobody was ever shown one."""
    path = root / KEY
    return _of(_key(path), source) if has_name(path) else None


def _key(path: Path) -> bytes:
    key = read_key(path)
    if key is None:
        raise UserError("pseudonyms.no_key", ExitCode.FAILED, key=path)
    return key


def _of(key: bytes, source: Path) -> Pseudonyms:
    return Pseudonyms(hmac.digest(key, _PURPOSE + str(source).encode("utf-8", "surrogateescape"), "sha256"))
