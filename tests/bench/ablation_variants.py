"""The parts of the model that the ablation takes out one at a time, and what goes out with each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recsys_tui.models.signal_names import COMPONENT_OF, INPUT_SIGNALS, SIGNALS

FULL = "full"
ONLY = "only "
# Whole stages of the model, by the component that their signals belong to.
STAGES = {"profile": "user profiles", "content": "content profiles", "interaction": "interaction model",
          "encoder": "sequence encoder", "friends": "friends"}  # fmt: skip
# Experts: signals of their own, and the columns of context and features that are made of them alone.
EXPERTS = {"sequence": "sequence regression", "transitions": "transitions", "ease": "EASE",
           "neighbours": "item neighbours", "popular": "popularity", "recent": "recent popularity"}  # fmt: skip
COLUMNS_OF = {"popular": "popularity"}


@dataclass(frozen=True)
class Variant:
    """The model without something: the ``signals`` that are 0 for everyone, and the component whose ``columns`` of the
    context and of the item features are 0 too."""

    key: str
    label: str
    signals: frozenset[str]
    columns: str | None = None

    @property
    def without_inputs(self) -> bool:
        """Whether the interaction model lacks an input, so that it has to be fitted again."""
        return bool(self.signals & set(INPUT_SIGNALS))

    def places(self, names: tuple[str, ...] = SIGNALS) -> list[int]:
        """Places of the signals taken out among ``names``."""
        return [place for place, name in enumerate(names) if name in self.signals]

    def kept(self, names: tuple[str, ...]) -> NDArray[np.float32]:
        """1 for each of ``names`` that is left, 0 for those taken out."""
        return np.array([name not in self.signals for name in names], np.float32)

    def masked(self, table: NDArray[np.float32], sources: tuple[str | None, ...]) -> NDArray[np.float32]:
        """A table whose columns come from ``sources`` (components), with the columns that go out set to 0."""
        keep = np.array([self.columns is None or source != self.columns for source in sources], np.float32)
        return table * keep


def variants() -> list[Variant]:
    """The full model first, then one variant for each part."""
    whole = [Variant(FULL, "the full model", frozenset())]
    for component, label in STAGES.items():
        own = frozenset(name for name in SIGNALS if COMPONENT_OF[name] == component)
        whole.append(Variant(component, label, own, component))
    named = frozenset().union(*(variant.signals for variant in whole))
    for name in SIGNALS:
        if name not in named:
            whole.append(Variant(name, EXPERTS.get(name, name), frozenset({name}), COLUMNS_OF.get(name)))
    return whole
