"""The optimisers of torch without its compiler, which nothing here is compiled by."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from inspect import unwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


def build_optimiser(name: str, parameters: Iterable[torch.Tensor], **settings: Any) -> torch.optim.Optimizer:
    """The optimiser of that ``name`` in ``torch.optim``, with its ``settings``."""
    return _uncompiled(name)(parameters, **settings)


@cache
def _uncompiled(name: str) -> type[torch.optim.Optimizer]:
    """The class with its methods as they are beneath the wrappers that keep the compiler away from them.

    To do so these import it, which takes as long as importing torch itself.
    """
    import torch

    whole: Any = getattr(torch.optim, name)
    beneath = {method: unwrap(getattr(whole, method)) for method in ("add_param_group", "zero_grad")}
    result: type[torch.optim.Optimizer] = type(name, (whole,), {**beneath, "step": torch.no_grad()(unwrap(whole.step))})
    return result
