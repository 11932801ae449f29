"""A small Llama: the architecture that GGUF calls `llama`, with the rotary pairs side by side as llama.cpp has them."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

LINEARS = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")


@dataclass(frozen=True)
class Shape:
    """Sizes of the model; all widths are multiples of the quantization block, 32."""

    vocabulary: int = 2048
    layers: int = 4
    width: int = 128
    heads: int = 4
    kv_heads: int = 2
    feed_forward: int = 384
    context: int = 256
    rope_base: float = 10000.0
    norm_epsilon: float = 1e-5

    @property
    def head_width(self) -> int:
        return self.width // self.heads


def rotation(shape: Shape, length: int) -> tuple[Tensor, Tensor]:
    """Cosine and sine of position * base^(-2i / head width), each [length, head width / 2]."""
    pairs = torch.arange(0, shape.head_width, 2) / shape.head_width
    angles = torch.outer(torch.arange(length), shape.rope_base**-pairs)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turns the neighbours (2i, 2i+1) of x [batch, heads, length, head width]. Source: RoFormer, arXiv:2104.09864."""
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)


class Block(nn.Module):
    """Attention and gated feed-forward, each behind a norm and added to its input."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        kv_width = shape.kv_heads * shape.head_width
        self.attn_norm = nn.RMSNorm(shape.width, shape.norm_epsilon)
        self.attn_q = nn.Linear(shape.width, shape.width, bias=False)
        self.attn_k = nn.Linear(shape.width, kv_width, bias=False)
        self.attn_v = nn.Linear(shape.width, kv_width, bias=False)
        self.attn_output = nn.Linear(shape.width, shape.width, bias=False)
        self.ffn_norm = nn.RMSNorm(shape.width, shape.norm_epsilon)
        self.ffn_gate = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.ffn_up = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.ffn_down = nn.Linear(shape.feed_forward, shape.width, bias=False)

    def forward(self, h: Tensor, cos: Tensor, sin: Tensor, factors: dict[str, Tensor] | None = None) -> Tensor:
        """h [batch, length, width] -> the same; `factors` scale each linear's outputs, [batch or 1, 1, rows]."""

        def linear(name: str, x: Tensor) -> Tensor:
            y = getattr(self, name)(x)
            return y if factors is None else y * factors[name]

        def heads(x: Tensor, count: int) -> Tensor:
            return x.unflatten(-1, (count, -1)).transpose(1, 2)

        x = self.attn_norm(h)
        q = rotate(heads(linear("attn_q", x), self.shape.heads), cos, sin)
        k = rotate(heads(linear("attn_k", x), self.shape.kv_heads), cos, sin)
        v = heads(linear("attn_v", x), self.shape.kv_heads)
        group = self.shape.heads // self.shape.kv_heads
        k, v = k.repeat_interleave(group, 1), v.repeat_interleave(group, 1)
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        h = h + linear("attn_output", attended.transpose(1, 2).flatten(-2))
        x = self.ffn_norm(h)
        return h + linear("ffn_down", F.silu(linear("ffn_gate", x)) * linear("ffn_up", x))


class Model(nn.Module):
    """Token ids to logits; the output matrix is the embedding table."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocabulary, shape.width)
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = nn.RMSNorm(shape.width, shape.norm_epsilon)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                depth = (2 * shape.layers) ** 0.5 if name.endswith(("attn_output.weight", "ffn_down.weight")) else 1
                nn.init.normal_(weight, std=0.05 / depth)

    def hidden(self, ids: Tensor, factors: list[dict[str, Tensor]] | None = None) -> Tensor:
        """ids [batch, length] -> normed hidden states [batch, length, width]."""
        cos, sin = rotation(self.shape, ids.shape[1])
        h = self.token_embd(ids)
        for index, block in enumerate(self.blk):
            h = block(h, cos, sin, factors[index] if factors else None)
        return self.output_norm(h)

    def forward(self, ids: Tensor) -> Tensor:
        """ids [batch, length] -> logits [batch, length, vocabulary]."""
        return self.hidden(ids) @ self.token_embd.weight.T
