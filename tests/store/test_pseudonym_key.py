"""The key of pseudonyms: made once, kept to its owner, and another one for every dataset."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from recsys_tui.output.errors import UserError
from recsys_tui.store.pseudonym_key import KEY, known_pseudonyms, pseudonyms_for

SOURCE = Path("/data/films.csv")
MAKE = """
import sys
from pathlib import Path
from recsys_tui.store.pseudonym_key import pseudonyms_for
print(pseudonyms_for(Path(sys.argv[1]), Path("/data/films.csv")).of("42"))
"""


def test_it_is_made_when_it_is_needed_and_then_stays(tmp_path: Path):
    root = tmp_path / "home"
    assert known_pseudonyms(root, SOURCE) is None
    assert not root.exists()
    first = pseudonyms_for(root, SOURCE).of("42")
    key = root / KEY
    content = key.read_bytes()
    assert (key.stat().st_mode & 0o777, root.stat().st_mode & 0o777, len(content)) == (0o600, 0o700, 32)
    known = known_pseudonyms(root, SOURCE)
    assert known is not None
    assert known.of("42") == pseudonyms_for(root, SOURCE).of("42") == first
    assert key.read_bytes() == content


def test_the_same_id_has_another_tag_in_other_data_and_another_home(tmp_path: Path):
    places = [(tmp_path / "a", SOURCE), (tmp_path / "a", Path("/data/other.csv")), (tmp_path / "b", SOURCE)]
    assert len({pseudonyms_for(root, source).of("42") for root, source in places}) == 3


def test_processes_that_make_it_at_once_have_the_same(tmp_path: Path):
    command = [sys.executable, "-c", MAKE, str(tmp_path / "home")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert len({process.communicate()[0] for process in running}) == 1
    assert {process.returncode for process in running} == {0}


@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_a_damaged_one_is_no_key_and_is_not_replaced(tmp_path: Path, content: bytes):
    (tmp_path / KEY).write_bytes(content)
    for ask in (pseudonyms_for, known_pseudonyms):
        with pytest.raises(UserError) as told:
            ask(tmp_path, SOURCE)
        assert (told.value.message_id, told.value.exit_code) == ("pseudonyms.no_key", 1)
    assert (tmp_path / KEY).read_bytes() == content


def test_a_link_that_leads_nowhere_is_no_key_and_is_not_replaced(tmp_path: Path):
    (tmp_path / KEY).symlink_to("away.key")
    for ask in (pseudonyms_for, known_pseudonyms):
        with pytest.raises(UserError):
            ask(tmp_path, SOURCE)
    assert (tmp_path / KEY).is_symlink()
