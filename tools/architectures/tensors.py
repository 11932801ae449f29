"""Names, order and scale of tensors in GGUF and in transformers."""

import re

import numpy as np

from cases import HEAD, Case

OUTSIDE = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
IN_BLOCK = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.qkv_proj": "attn_qkv",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.gate_up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
# With norms after attention and before the feed-forward part, the first of them has another name in GGUF.
ONE_NORM_BETWEEN = {"post_attention_layernorm": "ffn_norm"}
TWO_NORMS_BETWEEN = {
    "post_attention_layernorm": "post_attention_norm",
    "pre_feedforward_layernorm": "ffn_norm",
    "post_feedforward_layernorm": "post_ffw_norm",
}


def gguf_name(case: Case, name: str) -> str:
    """Source: llama.cpp, gguf-py/gguf/tensor_mapping.py."""
    stem, kind = name.rsplit(".", 1)
    if stem in OUTSIDE:
        return f"{OUTSIDE[stem]}.{kind}"
    layer, part = re.fullmatch(r"model\.layers\.(\d+)\.(.+)", stem).groups()
    between = TWO_NORMS_BETWEEN if case.architecture in ("gemma2", "gemma3", "olmo2") else ONE_NORM_BETWEEN
    return f"blk.{layer}.{ {**IN_BLOCK, **between}[part] }.{kind}"


def is_rotated(case: Case, name: str) -> bool:
    return case.is_permuted and re.search(r"attn_[qk]\.(weight|bias)$", name) is not None


def row_order(rows: int) -> np.ndarray:
    """The row in transformers that is each row in GGUF, where neighbours rotate instead of halves."""
    row = np.arange(rows)
    within = row % HEAD
    return row - within + within // 2 + (within % 2) * (HEAD // 2)


def from_gguf(case: Case, name: str, values: np.ndarray) -> np.ndarray:
    """What transformers has where GGUF has `values`."""
    if is_rotated(case, name):
        ordered = np.empty_like(values)
        ordered[row_order(len(values))] = values
        return ordered
    return values - 1 if case.norms_from_one and name.endswith("norm.weight") else values


def rows_to_gguf(case: Case, name: str, values: np.ndarray) -> np.ndarray:
    """Numbers by row in GGUF's order."""
    return values[row_order(len(values))] if is_rotated(case, name) else values


def spread(name: str, shape: tuple[int, ...]) -> tuple[float, float]:
    """Center and magnitude of a tensor's numbers: products keep about the size of their inputs."""
    if name.endswith("norm.weight"):
        return 1.0, 0.4
    if len(shape) == 1:
        return 0.0, 0.3
    if name in ("token_embd.weight", "output.weight"):
        return 0.0, 0.7
    return 0.0, 1.5 * float(np.sqrt(3 / shape[1]))
