"""The trainable twin of the self-attention model, in torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recsys_tui.data.histories import Floats
from recsys_tui.models.dropout import build_dropout
from recsys_tui.models.encoder.self_attention import NO_ATTENTION, NORM_EPSILON, PADDING, AttentionSettings

if TYPE_CHECKING:
    import torch

FEED_FORWARD = 4


def build_network(item_vectors: Floats, settings: AttentionSettings) -> torch.nn.Module:
    """The network, whose parameters bear the names and shapes of the served arrays.

    ``item_vectors`` (items, d) are the start. Called with left-padded windows (batch, places) of item codes (-1 is
    padding) and the number of newest places that are asked for; gives their states, (batch, asked, d).
    """
    import torch
    from torch import nn
    from torch.nn import functional

    blocks, heads, width = settings.blocks, settings.heads, settings.width

    def spread(*shape: int) -> nn.Parameter:
        """Normal numbers with variance 1 / inputs, one matrix a block."""
        return nn.Parameter(torch.randn(*shape) / shape[1] ** 0.5)

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.item_vectors = nn.Parameter(torch.from_numpy(item_vectors.copy()))
            self.lag_bias = nn.Parameter(torch.zeros(blocks, heads, settings.window))
            self.attention_in = spread(blocks, width, 3 * width)
            self.attention_in_bias = nn.Parameter(torch.zeros(blocks, 3 * width))
            self.attention_out = spread(blocks, width, width)
            self.attention_out_bias = nn.Parameter(torch.zeros(blocks, width))
            self.widen = spread(blocks, width, FEED_FORWARD * width)
            self.widen_bias = nn.Parameter(torch.zeros(blocks, FEED_FORWARD * width))
            self.narrow = spread(blocks, FEED_FORWARD * width, width)
            self.narrow_bias = nn.Parameter(torch.zeros(blocks, width))
            self.norm_scale = nn.Parameter(torch.ones(2 * blocks + 1, width))
            self.norm_shift = nn.Parameter(torch.zeros(2 * blocks + 1, width))
            self._drop = build_dropout(settings.dropout)

        def forward(self, items: torch.Tensor, asked: int) -> torch.Tensor:
            x = self._drop(functional.embedding(items.clamp(min=0), self.item_vectors))
            hidden = (items == PADDING)[:, None, None, :] * float(NO_ATTENTION)
            for block in range(blocks):
                # What nobody asks for in the end need not be computed in the last block.
                wanted = asked if block == blocks - 1 else x.shape[1]
                x = self._attend(block, x, hidden, wanted)
                inner = torch.relu(self._norm(2 * block + 1, x) @ self.widen[block] + self.widen_bias[block])
                x = x + self._drop(inner @ self.narrow[block] + self.narrow_bias[block])
            return self._norm(2 * blocks, x[:, x.shape[1] - asked :])

        def _attend(self, block: int, x: torch.Tensor, hidden: torch.Tensor, asked: int) -> torch.Tensor:
            batch, places, _ = x.shape
            inputs = self._norm(2 * block, x)
            weights, bias = self.attention_in[block], self.attention_in_bias[block]
            query = inputs[:, places - asked :] @ weights[:, :width] + bias[:width]
            offered = inputs @ weights[:, width:] + bias[width:]
            query = query.view(batch, asked, heads, -1).transpose(1, 2)
            key = offered[..., :width].reshape(batch, places, heads, -1).permute(0, 2, 3, 1)
            value = offered[..., width:].reshape(batch, places, heads, -1).transpose(1, 2)
            logits = query @ key / (width // heads) ** 0.5 + (self._by_lag(block, asked, places) + hidden)
            mixed = torch.softmax(logits, dim=-1) @ value
            mixed = mixed.transpose(1, 2).reshape(batch, asked, width)
            attended = mixed @ self.attention_out[block] + self.attention_out_bias[block]
            result: torch.Tensor = x[:, places - asked :] + self._drop(attended)
            return result

        def _by_lag(self, block: int, asked: int, places: int) -> torch.Tensor:
            device = self.lag_bias.device
            asking = torch.arange(places - asked, places, device=device)
            lags = asking[:, None] - torch.arange(places, device=device)[None, :]
            return self.lag_bias[block][:, lags.clamp(min=0)].masked_fill(lags < 0, float(NO_ATTENTION))

        def _norm(self, place: int, x: torch.Tensor) -> torch.Tensor:
            return functional.layer_norm(
                x, (width,), self.norm_scale[place], self.norm_shift[place], float(NORM_EPSILON)
            )

    return Network()
