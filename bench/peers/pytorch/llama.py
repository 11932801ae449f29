"""The llama architecture as a plain PyTorch forward pass that scores labels or running text.

Source: LLaMA, Touvron et al. 2023, arXiv:2302.13971; rotary embedding, Su et al. 2021, arXiv:2104.09864.
"""

import torch
from torch.nn import functional

from gguf import GgufFile


class Llama:
    """Weights of a GGUF file, and the logits of a few label tokens after each prompt, or of all tokens after each token."""

    def __init__(self, file: GgufFile, dtype: torch.dtype = torch.float32):
        architecture = file.metadata["general.architecture"]
        if architecture != "llama" or "rope_freqs.weight" in file or "llama.rope.scaling.type" in file.metadata:
            raise ValueError(f"expected the llama architecture without rope scaling, found {architecture}")

        def number(key: str):
            return file.metadata[f"llama.{key}"]

        self.layer_count = number("block_count")
        self.head_count = number("attention.head_count")
        self.kv_head_count = number("attention.head_count_kv")
        self.norm_epsilon = number("attention.layer_norm_rms_epsilon")
        head_width = number("embedding_length") // self.head_count
        self.frequencies = number("rope.freq_base") ** (-torch.arange(0, head_width, 2, dtype=torch.float64) / head_width)

        self.dtype = dtype
        # The large table first: what dequantizing it needs for a moment then lies below the later peak.
        self.weights: dict[str, torch.Tensor] = {}
        self._load(file, "token_embd", ["token_embd"])
        for layer in range(self.layer_count):
            block = f"blk.{layer}."
            self._load(file, f"{block}attn_norm", [f"{block}attn_norm"])
            self._load(file, f"{block}qkv", [f"{block}attn_q", f"{block}attn_k", f"{block}attn_v"])
            self._load(file, f"{block}attn_output", [f"{block}attn_output"])
            self._load(file, f"{block}ffn_norm", [f"{block}ffn_norm"])
            self._load(file, f"{block}gate_up", [f"{block}ffn_gate", f"{block}ffn_up"])
            self._load(file, f"{block}ffn_down", [f"{block}ffn_down"])
        self._load(file, "output_norm", ["output_norm"])
        if "output.weight" in file:
            self._load(file, "output", ["output"])
        # Low-rank branches on the queries and values of a block: [(A, B), (A, B)], with outputs (x A^T) B^T.
        self.adapters: dict[str, list[tuple[torch.Tensor, torch.Tensor]]] = {}

    def _load(self, file: GgufFile, name: str, parts: list[str]) -> None:
        """Stores tensors that read the same input as one matrix, so that one product serves them all."""
        whole = torch.cat([torch.from_numpy(file.tensor(f"{part}.weight")) for part in parts])
        self.weights[name] = whole.to(self.dtype)

    def label_logits(self, tokens: torch.Tensor, lengths: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """
        Logits of `labels` after the last token of every row, shape [rows, labels]; float32.

        tokens: right-padded ids, shape [rows, positions]; what follows a row's length never reaches its logits,
        because attention is causal. lengths: tokens of each row.
        """
        last = self._hidden(tokens)[torch.arange(len(tokens)), lengths - 1]
        return (self._norm(last, self.weights["output_norm"]) @ self._head()[labels].T).float()

    def next_token_logits(self, tokens: torch.Tensor) -> torch.Tensor:
        """Logits of the whole vocabulary after every token; shape [rows, positions, vocabulary]."""
        return functional.linear(self._norm(self._hidden(tokens), self.weights["output_norm"]), self._head())

    def _head(self) -> torch.Tensor:
        return self.weights.get("output", self.weights["token_embd"])

    def _hidden(self, tokens: torch.Tensor) -> torch.Tensor:
        """What leaves the last block, shape [rows, positions, width]."""
        angles = torch.outer(torch.arange(tokens.shape[1], dtype=torch.float64), self.frequencies)
        rotation = torch.polar(torch.ones_like(angles), angles).to(torch.complex64)[:, None]
        hidden = functional.embedding(tokens, self.weights["token_embd"])
        for layer in range(self.layer_count):
            hidden = self._block(f"blk.{layer}.", hidden, rotation)
        return hidden

    def _block(self, block: str, hidden: torch.Tensor, rotation: torch.Tensor) -> torch.Tensor:
        weights = self.weights
        normed = self._norm(hidden, weights[f"{block}attn_norm"])
        heads = functional.linear(normed, weights[f"{block}qkv"])
        if block in self.adapters:
            queries, values = (functional.linear(functional.linear(normed, a), b) for a, b in self.adapters[block])
            between = heads.shape[-1] - queries.shape[-1] - values.shape[-1]
            heads = heads + torch.cat([queries, queries.new_zeros(*queries.shape[:-1], between), values], dim=-1)
        heads = heads.unflatten(-1, (self.head_count + 2 * self.kv_head_count, -1))
        rotated_count = self.head_count + self.kv_head_count
        rotated = _rotate(heads[:, :, :rotated_count], rotation)
        query, key = rotated.split([self.head_count, self.kv_head_count], dim=2)
        attended = functional.scaled_dot_product_attention(
            query.transpose(1, 2),
            key.transpose(1, 2),
            heads[:, :, rotated_count:].transpose(1, 2),
            is_causal=True,
            enable_gqa=self.head_count != self.kv_head_count,
        )
        hidden = hidden + functional.linear(attended.transpose(1, 2).flatten(2), weights[f"{block}attn_output"])
        normed = self._norm(hidden, weights[f"{block}ffn_norm"])
        gate, up = functional.linear(normed, weights[f"{block}gate_up"]).chunk(2, dim=-1)
        return hidden + functional.linear(functional.silu(gate) * up, weights[f"{block}ffn_down"])

    def _norm(self, hidden: torch.Tensor, gain: torch.Tensor) -> torch.Tensor:
        return functional.rms_norm(hidden, gain.shape, gain, self.norm_epsilon)


def _rotate(heads: torch.Tensor, rotation: torch.Tensor) -> torch.Tensor:
    """Turns neighbouring dimensions (2i, 2i + 1) by position; GGUF stores llama's q and k for this pairing."""
    pairs = torch.view_as_complex(heads.float().unflatten(-1, (-1, 2)))
    return torch.view_as_real(pairs * rotation).flatten(-2).to(heads.dtype)
