"""
Writes test/golden/architectures: for each case the model's metadata in GGUF, how its tensors are made, and the logits and
gradients that transformers gives in float32.

python golden.py [CASE ...]    needs numpy, torch and transformers
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
import transformers

from cases import CASES, CONTEXT, EPSILON, HEAD, SIZES, VOCABULARY, Case
from philox import values, words
from tensors import from_gguf, gguf_name, rows_to_gguf, spread

FOLDER = Path(__file__).resolve().parents[2] / "test" / "golden" / "architectures"
TOKENS = 24
POSITIONS = [0, 5, 9, 14, 19, 23]
# Phi 3's fused tensors, in parts of rows.
FUSED = {
    "attn_qkv": [("attn_q", 64), ("attn_k", 32), ("attn_v", 32)],
    "ffn_up": [("ffn_gate", 96), ("ffn_up", 96)],
}


def metadata(case: Case) -> dict[str, object]:
    epsilon = "layer_norm_epsilon" if case.architecture == "stablelm" else "layer_norm_rms_epsilon"
    sizes = {
        "block_count": case.config.num_hidden_layers,
        "context_length": CONTEXT,
        "embedding_length": SIZES["hidden_size"],
        "feed_forward_length": SIZES["intermediate_size"],
        "attention.head_count": SIZES["num_attention_heads"],
        "attention.head_count_kv": SIZES["num_key_value_heads"],
        "attention.key_length": HEAD,
        "attention.value_length": HEAD,
        "rope.dimension_count": HEAD,
        "rope.freq_base": 10000.0,
        f"attention.{epsilon}": EPSILON,
    }
    return {f"{case.architecture}.{name}": value for name, value in {**sizes, **case.metadata}.items()}


def fill(case: Case, model: torch.nn.Module, first_seed: int) -> dict[str, list]:
    """Gives the model its numbers; returns GGUF's tensors as [shape, seed, center, magnitude, other name] or as numbers."""
    tensors: dict[str, list] = {name: numbers for name, numbers in case.constants.items()}
    for index, (name, parameter) in enumerate(model.named_parameters()):
        named = gguf_name(case, name)
        shape = tuple(parameter.shape)
        center, magnitude = spread(named, shape)
        seed = first_seed + index
        made = values(seed, parameter.numel(), center, magnitude).reshape(shape)
        with torch.no_grad():
            parameter.copy_(torch.from_numpy(from_gguf(case, named, made)))
        tensors[named] = [list(shape), seed, center, magnitude, name]
    return tensors


def gradients(case: Case, model: torch.nn.Module) -> dict[str, list[float]]:
    """Of block 0: of factors on the rows of linears, and of vectors, by their names in the block's graph."""
    found: dict[str, list[float]] = {}
    for name, parameter in model.named_parameters():
        named = gguf_name(case, name)
        if not named.startswith("blk.0."):
            continue
        part, kind = named.removeprefix("blk.0.").rsplit(".", 1)
        gradient, weight = parameter.grad.numpy(), parameter.detach().numpy()
        if gradient.ndim == 1:
            found[part if kind == "weight" else f"{part}.bias"] = rounded(rows_to_gguf(case, named, gradient))
            continue
        by_row = rows_to_gguf(case, named, (gradient * weight).sum(axis=1))
        is_fused = case.architecture == "phi3" and part in FUSED
        first = 0
        for linear, rows in FUSED[part] if is_fused else [(part, len(by_row))]:
            found[f"{linear}.rowFactors"] = rounded(by_row[first : first + rows])
            first += rows
    return found


def rounded(numbers: np.ndarray) -> list[float]:
    return [float(f"{number:.6g}") for number in numbers.reshape(-1)]


def golden(case: Case, first_seed: int) -> dict[str, object]:
    model = transformers.AutoModelForCausalLM.from_config(case.config, attn_implementation="eager").float().eval()
    tensors = fill(case, model, first_seed)
    tokens = (words(first_seed, TOKENS) % VOCABULARY).astype(np.int64)
    ids = torch.from_numpy(tokens)[None]
    logits = model(input_ids=ids, use_cache=False).logits[0]
    loss = torch.nn.functional.cross_entropy(logits[:-1].float(), ids[0, 1:])
    loss.backward()
    return {
        "architecture": case.architecture,
        "config": json.loads(case.config.to_json_string()),
        "isPermuted": case.is_permuted,
        "normsFromOne": case.norms_from_one,
        "metadata": metadata(case),
        "tensors": tensors,
        "tokens": tokens.tolist(),
        "positions": POSITIONS,
        "logits": [rounded(logits[position].detach().numpy()) for position in POSITIONS],
        "loss": float(f"{loss.item():.8g}"),
        "gradients": gradients(case, model),
    }


def write(name: str, content: dict[str, object]) -> None:
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in content.items()]
    (FOLDER / f"{name}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for index, (name, case) in enumerate(CASES.items()):
        if len(sys.argv) > 1 and name not in sys.argv[1:]:
            continue
        write(name, golden(case, 1000 * (index + 1)))
        print(name)
