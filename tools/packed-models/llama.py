"""Llama's forward pass in float64, with weights named as in Hugging Face's form."""

import numpy as np

EPSILON = 1e-5
THETA = 10000.0


def norm(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + EPSILON) * weight


def rotate(x: np.ndarray) -> np.ndarray:
    """Rotary positions of [heads, tokens, width]: halves rotate together."""
    half = x.shape[-1] // 2
    angles = np.outer(np.arange(x.shape[1]), THETA ** (-np.arange(half) / half))
    cosine, sine = np.cos(angles), np.sin(angles)
    first, second = x[..., :half], x[..., half:]
    return np.concatenate([first * cosine - second * sine, second * cosine + first * sine], -1)


def attention(x: np.ndarray, weights: dict[str, np.ndarray], heads: int, kv_heads: int) -> np.ndarray:
    tokens = len(x)

    def split(name: str, count: int) -> np.ndarray:
        return (x @ weights[f"self_attn.{name}_proj.weight"].T).reshape(tokens, count, -1).transpose(1, 0, 2)

    queries, keys = rotate(split("q", heads)), rotate(split("k", kv_heads))
    keys, values = (np.repeat(part, heads // kv_heads, axis=0) for part in (keys, split("v", kv_heads)))
    scores = queries @ keys.transpose(0, 2, 1) / np.sqrt(queries.shape[-1])
    scores = np.where(np.tri(tokens, dtype=bool), scores, -np.inf)
    shares = np.exp(scores - scores.max(-1, keepdims=True))
    mixed = (shares / shares.sum(-1, keepdims=True)) @ values
    return mixed.transpose(1, 0, 2).reshape(tokens, -1) @ weights["self_attn.o_proj.weight"].T


def feed_forward(x: np.ndarray, weights: dict[str, np.ndarray]) -> np.ndarray:
    gate = x @ weights["mlp.gate_proj.weight"].T
    up = x @ weights["mlp.up_proj.weight"].T
    return (gate / (1 + np.exp(-gate)) * up) @ weights["mlp.down_proj.weight"].T


def logits(weights: dict[str, np.ndarray], config: dict[str, object], tokens: np.ndarray) -> np.ndarray:
    """[tokens, vocabulary]; the head is the embedding."""
    embedding = weights["model.embed_tokens.weight"]
    x = embedding[tokens]
    for layer in range(int(config["num_hidden_layers"])):
        prefix = f"model.layers.{layer}."
        part = {name.removeprefix(prefix): w for name, w in weights.items() if name.startswith(prefix)}
        attended = norm(x, part["input_layernorm.weight"])
        x = x + attention(attended, part, int(config["num_attention_heads"]), int(config["num_key_value_heads"]))
        x = x + feed_forward(norm(x, part["post_attention_layernorm.weight"]), part)
    return norm(x, weights["model.norm.weight"]) @ embedding.T
