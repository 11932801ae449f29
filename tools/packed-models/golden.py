"""
Writes test/golden/packed: for each case the configuration of a tiny packed Llama, how its tensors are made, some of its weights,
and its logits in float64.

python golden.py [CASE ...]    needs numpy
"""

import json
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "architectures"))

from llama import EPSILON, THETA, logits  # noqa: E402
from philox import values, words  # noqa: E402
from unpack import unpack  # noqa: E402

FOLDER = ROOT / "test" / "golden" / "packed"
VOCABULARY, WIDTH, INNER, HEADS, KV_HEADS, LAYERS = 64, 128, 256, 4, 2, 2
TOKENS, POSITIONS, SAMPLES = 24, [0, 11, 23], 6
HEAD = WIDTH // HEADS
LINEARS = {
    "self_attn.q_proj": (WIDTH, WIDTH),
    "self_attn.k_proj": (KV_HEADS * HEAD, WIDTH),
    "self_attn.v_proj": (KV_HEADS * HEAD, WIDTH),
    "self_attn.o_proj": (WIDTH, WIDTH),
    "mlp.gate_proj": (INNER, WIDTH),
    "mlp.up_proj": (INNER, WIDTH),
    "mlp.down_proj": (WIDTH, INNER),
}


def gptq(bits: int, group: int, is_symmetric: bool, **more: object) -> dict[str, object]:
    return {"quant_method": "gptq", "bits": bits, "group_size": group, "sym": is_symmetric, **more}


# `groups` says which columns are of which group: one after the other, whole blocks in another order, or any columns.
CASES = {
    "gptq-symmetric-32": (gptq(4, 32, True), "in order"),
    "gptq-64": (gptq(4, 64, False, checkpoint_format="gptq"), "blocks"),
    "gptq-v2-128": (gptq(4, 128, False, checkpoint_format="gptq_v2"), "in order"),
    "gptq-act-order-32": (gptq(4, 32, False, desc_act=True), "any"),
    "gptq-8-bit-64": (gptq(8, 64, True), "in order"),
    "awq-64": ({"quant_method": "awq", "bits": 4, "group_size": 64, "zero_point": True, "version": "gemm"}, None),
}


def config(packing: dict[str, object]) -> dict[str, object]:
    return {
        "model_type": "llama",
        "hidden_size": WIDTH,
        "intermediate_size": INNER,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": KV_HEADS,
        "max_position_embeddings": 128,
        "rms_norm_eps": EPSILON,
        "rope_theta": THETA,
        "tie_word_embeddings": True,
        "vocab_size": VOCABULARY,
        "quantization_config": packing,
    }


def groups_of(columns: int, size: int, order: str, seed: int) -> list[int]:
    count = columns // size
    if order == "blocks":
        return [count - 1 - column // size for column in range(columns)]
    if order == "any":
        return (np.argsort(np.argsort(words(seed, columns), kind="stable"), kind="stable") // size).tolist()
    return [column // size for column in range(columns)]


def packed_parts(shape: tuple[int, int], packing: dict[str, object], order: str | None, seed: int) -> dict[str, list]:
    """How the parts of a linear are made: dtype, shape, and numbers, a word for all of them, or a seed."""
    rows, columns = shape
    bits, size = int(packing["bits"]), int(packing["group_size"])
    per_word, count = 32 // bits, columns // size
    codes = [columns, rows // per_word] if packing["quant_method"] == "awq" else [columns // per_word, rows]
    middle = 0x7F7F7F7F if bits == 8 else 0x77777777
    scale = 0.25 / 2**bits
    zeros = ["word", middle] if packing.get("sym") else ["words", seed + 1]
    parts = {
        "qweight": ["I32", codes, "words", seed],
        "qzeros": ["I32", [count, rows // per_word], *zeros],
        "scales": ["F16", [count, rows], "values", seed + 2, scale, 0.4 * scale],
    }
    if order is not None:
        parts["g_idx"] = ["I32", [columns], "numbers", groups_of(columns, size, order, seed + 3)]
    return parts


def made(dtype: str, shape: list[int], kind: str, *how: object) -> np.ndarray:
    count = int(np.prod(shape))
    if kind == "values":
        numbers = values(how[0], count, how[1], how[2]).astype(np.float16 if dtype == "F16" else np.float32)
    elif kind == "words":
        numbers = words(how[0], count)
    else:
        numbers = np.full(count, how[0]) if kind == "word" else np.array(how[0])
    return numbers.reshape(shape)


def golden(packing: dict[str, object], order: str | None, first_seed: int) -> dict[str, object]:
    tensors: dict[str, list] = {"model.embed_tokens.weight": ["F32", [VOCABULARY, WIDTH], "values", first_seed, 0.0, 0.7]}
    weights: dict[str, np.ndarray] = {}
    samples: dict[str, list] = {}
    seed = first_seed + 1
    for layer in range(LAYERS):
        for name in ("input_layernorm", "post_attention_layernorm"):
            tensors[f"model.layers.{layer}.{name}.weight"] = ["F32", [WIDTH], "values", seed, 1.0, 0.4]
            seed += 1
        for name, shape in LINEARS.items():
            stem = f"model.layers.{layer}.{name}"
            parts = packed_parts(shape, packing, order, seed)
            seed += 4
            tensors.update({f"{stem}.{part}": how for part, how in parts.items()})
            weight = unpack({part: made(*how) for part, how in parts.items()}, packing)
            weights[f"{stem}.weight"] = weight
            places = words(seed, 2 * SAMPLES).reshape(SAMPLES, 2) % np.array(shape, dtype=np.uint64)
            samples[stem] = [[int(row), int(column), float(weight[row, column])] for row, column in places]
    tensors["model.norm.weight"] = ["F32", [WIDTH], "values", seed, 1.0, 0.4]
    weights.update({name: made(*how).astype(np.float64) for name, how in tensors.items() if name.endswith(".weight")})
    described = config(packing)
    tokens = (words(first_seed, TOKENS) % VOCABULARY).astype(np.int64)
    found = logits(weights, described, tokens)[POSITIONS]
    return {
        "config": described,
        "tensors": tensors,
        "samples": samples,
        "tokens": tokens.tolist(),
        "positions": POSITIONS,
        "logits": [[float(f"{number:.7g}") for number in row] for row in found],
    }


def write(name: str, content: dict[str, object]) -> None:
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in content.items()]
    (FOLDER / f"{name}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for index, (name, (packing, order)) in enumerate(CASES.items()):
        if len(sys.argv) > 1 and name not in sys.argv[1:]:
            continue
        write(name, golden(packing, order, 100_000 + 1000 * index))
        print(name)
