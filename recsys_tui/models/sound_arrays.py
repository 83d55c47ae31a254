"""Whether stored arrays are those of a model: what points somewhere points inside, sizes agree, numbers are finite.

Checksums tell what was changed alone. This tells what was changed together with its checksums, before an answer
stumbles over it; each array is looked through once or twice, which takes less than its checksum does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.calendar import EARLIEST, LATEST
from recsys_tui.models.array_rules import OF_ENCODER, ONE_MORE, Rule, Side, rule_of
from recsys_tui.models.context import WITH_PEAKS
from recsys_tui.models.contract import Arrays
from recsys_tui.models.sequence_regression import SCALES
from recsys_tui.models.signal_names import signals_for

_LINE_END = 10
_INFINITE = {2: 0x7C00, 4: 0x7F80_0000, 8: 0x7FF0_0000_0000_0000}
_BESIDE_PLACES = 1  # features of an item: its place, what it is about, and its fame
_BESIDE_CLUSTERS = 3  # of a person: clusters, of all time and of late, what they take, and three more


class _Lengths(dict[str, int]):
    """How long the sides of the arrays are, by name."""

    def hold(self, name: str, rule: Rule, array: NDArray[Any]) -> None:
        """Take the sides of an array, or hold them against those of others. Raises ``ValueError``."""
        if array.dtype.kind not in rule.kinds or array.ndim != len(rule.sides):
            raise ValueError(name)
        for side, length in zip(rule.sides, array.shape, strict=True):
            if self._expected(name, side, length) != length:
                raise ValueError(name)

    def _expected(self, name: str, side: Side, length: int) -> int:
        if side is None:
            return length
        if isinstance(side, int):
            return side
        more = int(side.endswith(ONE_MORE))
        return self.setdefault(full_name(name, side.removesuffix(ONE_MORE)), length - more) + more


def full_name(name: str, side: str) -> str:
    """The name of a side that an array has; those that begin with a dot are of its group."""
    return name.rpartition(".")[0] + side if side.startswith(".") else side


def check_model(arrays: Arrays, dated: bool) -> None:
    """Raise ``ValueError`` where arrays are none of a model that can answer; ``dated``: its times are dates."""
    lengths = check_arrays(arrays)
    if lengths.get("ratings", 0) not in (0, lengths["actions"]):
        raise ValueError("history.ratings")
    for name in ("experts.ease", "experts.sequence"):
        scales = 1 if name == "experts.ease" else len(SCALES)
        if f"{name}.items" not in arrays:
            continue
        items, rows = int(arrays[f"{name}.items"][0]), lengths[f"{name}.rows"]
        if items != lengths["items"] or rows != scales * lengths[f"{name}.head"]:
            raise ValueError(name)
    horizon = "later" if arrays["fusion.horizon"][0] else "next"
    features = lengths["places"] + lengths["dense"] + _BESIDE_PLACES
    context = 2 * lengths["clusters"] + lengths["dense"] + _BESIDE_CLUSTERS
    if horizon in WITH_PEAKS:
        context += lengths["signals"]
    told = {"signals": len(signals_for(horizon)), "features": features, "context": context}
    if any(lengths[side] != length for side, length in told.items()) or not lengths["clusters"]:
        raise ValueError("fusion")
    for name in ("history.times", "people.repeats.last") if dated else ():
        times = arrays.get(name)
        if times is not None and len(times) and not EARLIEST <= times.min() <= times.max() <= LATEST:
            raise ValueError(name)
    slope, _, floor, ceiling = arrays["interaction.calibration"]
    if not (slope > 0 and 0 <= floor < ceiling <= 1):
        raise ValueError("interaction.calibration")


def check_arrays(arrays: Arrays, known: Mapping[str, int] | None = None) -> Mapping[str, int]:
    """Hold arrays against what is known of them beforehand; ``known``: how long some sides are.

    Returns how long all are. Raises ``ValueError``, or ``KeyError`` for one that is missing.
    """
    lengths = _Lengths(known or {})
    ruled = [(name, rule, array) for name, array in arrays.items() if (rule := rule_of(name)) is not None]
    for name, rule, array in ruled:
        lengths.hold(name, rule, array)
    for name, rule, array in ruled:
        _check_numbers(name, rule, array, lengths)
        if name.endswith(".starts"):
            _check_texts(name, arrays)
        if name.endswith(".lag_bias"):
            _check_encoder(name.rpartition(".")[0], arrays, lengths)
    return lengths


def _check_numbers(name: str, rule: Rule, array: NDArray[Any], lengths: Mapping[str, int]) -> None:
    if array.dtype.kind == "f" and not rule.endless and not (_no_infinity if rule.gaps else _finite)(array):
        raise ValueError(name)
    if rule.rising is not None:
        rises = bool((array[1:] >= array[:-1]).all()) and array[0] == rule.least
        if not rises or array[-1] != lengths[full_name(name, rule.rising)]:
            raise ValueError(name)
    elif array.size:
        if rule.least is not None and array.min() < rule.least:
            raise ValueError(name)
        if rule.most is not None and array.max() > rule.most:
            raise ValueError(name)
        if rule.codes is not None and array.max() >= lengths[full_name(name, rule.codes)]:
            raise ValueError(name)


def _finite(array: NDArray[Any]) -> bool:
    """Whether all numbers are finite. Read as whole numbers, those that are not are the largest of either sign, and
    whole numbers take no copy to compare."""
    size, infinite = array.dtype.itemsize, _INFINITE[array.dtype.itemsize]
    if not array.size:
        return True
    sign = 1 << (8 * size - 1)
    return bool(array.view(f"<i{size}").max() < infinite and array.view(f"<u{size}").max() < sign + infinite)


def _no_infinity(array: NDArray[Any]) -> bool:
    return not np.isinf(array).any()


def _check_texts(name: str, arrays: Arrays) -> None:
    """That a list of texts, whose starts rise and end where it ends, has a line end before each and no others."""
    blob, starts = arrays[f"{name.removesuffix('starts')}blob"], arrays[name]
    line_ends = np.flatnonzero(blob == _LINE_END)
    if not np.array_equal(line_ends + 1, starts):
        raise ValueError(name)
    bytes(blob).decode()


def _check_encoder(group: str, arrays: Arrays, lengths: Mapping[str, int]) -> None:
    for name in OF_ENCODER:
        arrays[f"{group}.{name}"]
    blocks, heads, width = (lengths[f"{group}.{side}"] for side in ("blocks", "heads", "width"))
    whole = blocks and heads and arrays[f"{group}.lag_bias"].shape[2] and not width % heads
    if not whole or lengths[f"{group}.norms"] != 2 * blocks + 1 or lengths[f"{group}.inputs"] != 3 * width:
        raise ValueError(group)
