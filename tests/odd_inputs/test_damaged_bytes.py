"""One damaged byte anywhere in a binary file: refused in one sentence or opened, and no library speaks for itself.

Every third byte is tried; ``python -m tests.bench fuzz`` damages such files in all ways.
"""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest

from recsys_tui.data.load import load_dataset
from recsys_tui.output.errors import ExitCode, UserError
from tests.odd_inputs.corpus import CLICKS
from tests.odd_inputs.test_odd_inputs import is_one_clear_sentence

WRITERS = {
    "parquet": pl.DataFrame.write_parquet,
    "arrow": pl.DataFrame.write_ipc,
    "arrows": pl.DataFrame.write_ipc_stream,
}


@pytest.mark.parametrize("kind", WRITERS)
def test_the_bytes_of_a_binary_file(kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    buffer = io.BytesIO()
    WRITERS[kind](CLICKS, buffer)
    sound = buffer.getvalue()
    path = tmp_path / f"data.{kind}"
    errors: list[UserError] = []
    noisy = []
    places = range(0, len(sound), 3)
    for place in places:
        path.write_bytes(sound[:place] + bytes([sound[place] ^ 0xFF]) + sound[place + 1 :])
        try:
            dataset = load_dataset(path)
        except UserError as error:
            errors.append(error)
        else:
            assert dataset.rows_read >= dataset.interaction_count > 0
        # Rust writes of a panic to the descriptor itself, before Python hears of it.
        if any(capfd.readouterr()):
            noisy.append(place)
    assert len(errors) > len(places) / 4
    for refused in errors:
        assert refused.exit_code is ExitCode.USAGE
        is_one_clear_sentence(str(refused))
    assert not noisy, f"a library wrote to the terminal for damage at {noisy}"
