"""The deep model as it is trained, in torch, and what it is trained to minimise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recsys_tui.data.histories import Floats
from recsys_tui.models.dropout import build_dropout

if TYPE_CHECKING:
    import torch

HIDDEN = 32
RANK = 16
DROPOUT = 0.1


def build_network(items: int, start: Floats, context_mean: Floats) -> torch.nn.Module:
    """The trainable twin of :class:`Fusion`. It starts as the weighted sum ``start``: all other last layers are 0.

    ``items``: how many features an item has; ``start`` (signals,); ``context_mean`` (context features,). Called with z
    (people, candidates, signals), contexts (people, context features), the features of some items (items, features),
    and for each candidate its place among these (people, candidates); gives scores (people, candidates).
    """
    import torch
    from torch import nn
    from torch.nn import functional

    signals, context = len(start), len(context_mean)

    class FusionNetwork(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gate_weights = nn.Parameter(torch.from_numpy(start.copy()))
            self.gate_context = nn.Parameter(torch.zeros(context, signals))
            self.hidden_signals = nn.Parameter(torch.randn(signals, HIDDEN) / signals**0.5)
            self.hidden_context = nn.Parameter(torch.randn(context, HIDDEN) / context**0.5)
            self.hidden_bias = nn.Parameter(torch.zeros(HIDDEN))
            self.hidden_out = nn.Parameter(torch.zeros(HIDDEN))
            self.match_context = nn.Parameter(torch.randn(context, RANK) / context**0.5)
            self.match_item = nn.Parameter(torch.zeros(items, RANK))
            self.register_buffer("context_mean", torch.from_numpy(context_mean.copy()))
            self.dropout = build_dropout(DROPOUT)

        def forward(self, z: torch.Tensor, who: torch.Tensor, what: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
            who = who - self.get_buffer("context_mean")
            gates = self.gate_weights + who @ self.gate_context
            gated = torch.einsum("pcf,pf->pc", z, gates)
            hidden = z @ self.hidden_signals + (who @ self.hidden_context + self.hidden_bias)[:, None, :]
            interplay = self.dropout(torch.relu(hidden)) @ self.hidden_out
            found = functional.embedding(places, what @ self.match_item)
            match = torch.einsum("pr,pcr->pc", who @ self.match_context, found)
            total: torch.Tensor = gated + interplay + match
            return total

    return FusionNetwork()


def listwise_loss(scores: torch.Tensor, taken: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
    """Cross entropy of the softmax over each list, averaged over what was taken in it (ListNet, Cao et al. 2007)."""
    import torch

    logs = torch.log_softmax(scores.masked_fill(~there, -1e9), dim=1)
    share = taken / taken.sum(dim=1, keepdim=True)
    return -(share * logs).sum(dim=1).mean()
