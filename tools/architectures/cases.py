"""Tiny models of every architecture: their configurations in transformers, and what GGUF says of them."""

import math
from dataclasses import dataclass, field

import transformers

VOCABULARY = 64
CONTEXT = 128
EPSILON = 1e-5
SIZES = dict(
    vocab_size=VOCABULARY,
    hidden_size=64,
    intermediate_size=96,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=CONTEXT,
    bos_token_id=1,
    eos_token_id=2,
    pad_token_id=0,
)
HEAD = 16
PAIRS = HEAD // 2
SHORT = [1.0 + 0.05 * pair for pair in range(PAIRS)]
LONG = [1.5 + 0.7 * pair for pair in range(PAIRS)]


@dataclass
class Case:
    """A model; `metadata` goes under the prefix of its GGUF architecture, beside what its sizes say."""

    architecture: str
    config: transformers.PretrainedConfig
    metadata: dict[str, object] = field(default_factory=dict)
    # Whether neighbours rotate in GGUF, so that the rows of queries and keys are in another order there.
    is_permuted: bool = False
    # Whether transformers keeps norms as their distance from 1.
    norms_from_one: bool = False
    # Numbers of tensors that GGUF computes from the configuration.
    constants: dict[str, list[float]] = field(default_factory=dict)


def config(name: str, layers: int = 2, **options: object) -> transformers.PretrainedConfig:
    sizes = {
        **SIZES,
        "num_hidden_layers": layers,
        "tie_word_embeddings": False,
        "rope_parameters": rope(),
        **options,
    }
    if name != "StableLm":
        sizes = {"rms_norm_eps": EPSILON, **sizes}
    return getattr(transformers, f"{name}Config")(**sizes)


def rope(kind: str = "default", **options: object) -> dict[str, object]:
    return {"rope_type": kind, "rope_theta": 10000.0, **options}


def llama3_factors(factor: float, low: float, high: float, length: int) -> list[float]:
    """What divides the frequency of each pair."""
    waves = [2 * math.pi * 10000.0 ** (2 * pair / HEAD) for pair in range(PAIRS)]
    smooth = [min(1.0, max(0.0, (length / wave - low) / (high - low))) for wave in waves]
    return [1 / ((1 - s) / factor + s) for s in smooth]


YARN = {
    "rope.scaling.type": "yarn",
    "rope.scaling.factor": 4.0,
    "rope.scaling.original_context_length": 32,
}
YARN_ROPE = rope("yarn", factor=4.0, original_max_position_embeddings=32)
LLAMA3 = dict(factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=64)


def phi3(original: int) -> Case:
    """Phi 3 with factors for short and long sequences, of which 24 tokens are one or the other."""
    length = dict(original_max_position_embeddings=original)
    scaling = rope("longrope", short_factor=SHORT, long_factor=LONG, **length)
    factor = math.sqrt(1 + math.log(CONTEXT / original) / math.log(original))
    return Case(
        "phi3",
        config("Phi3", sliding_window=None, rope_parameters=scaling, **length),
        {"rope.scaling.original_context_length": original, "rope.scaling.attn_factor": factor},
        constants={"rope_factors_short.weight": SHORT, "rope_factors_long.weight": LONG},
    )


CASES: dict[str, Case] = {
    "llama": Case("llama", config("Llama", tie_word_embeddings=True), is_permuted=True),
    "llama3-rope": Case(
        "llama",
        config("Llama", rope_parameters=rope("llama3", **LLAMA3)),
        is_permuted=True,
        constants={"rope_freqs.weight": llama3_factors(8.0, 1.0, 4.0, 64)},
    ),
    "llama-linear-rope": Case(
        "llama",
        config("Llama", rope_parameters=rope("linear", factor=4.0)),
        {"rope.scaling.type": "linear", "rope.scaling.factor": 4.0},
        is_permuted=True,
    ),
    "mistral": Case("llama", config("Mistral", head_dim=HEAD, sliding_window=None), is_permuted=True),
    "qwen2": Case("qwen2", config("Qwen2", tie_word_embeddings=True)),
    "qwen2-yarn": Case("qwen2", config("Qwen2", rope_parameters=YARN_ROPE), YARN),
    "qwen3": Case("qwen3", config("Qwen3", head_dim=HEAD)),
    "gemma2": Case(
        "gemma2",
        config(
            "Gemma2",
            tie_word_embeddings=True,
            head_dim=HEAD,
            query_pre_attn_scalar=HEAD,
            sliding_window=8,
            attn_logit_softcapping=3.0,
            final_logit_softcapping=4.0,
        ),
        {
            "attention.sliding_window": 8,
            "attn_logit_softcapping": 3.0,
            "final_logit_softcapping": 4.0,
        },
        norms_from_one=True,
    ),
    "gemma3": Case(
        "gemma3",
        config(
            "Gemma3Text",
            layers=6,
            tie_word_embeddings=True,
            head_dim=HEAD,
            query_pre_attn_scalar=HEAD,
            sliding_window=8,
            rope_parameters={
                "sliding_attention": rope(),
                "full_attention": {"rope_type": "linear", "rope_theta": 1000000.0, "factor": 8.0},
            },
        ),
        {
            "attention.sliding_window": 8,
            "rope.freq_base": 1000000.0,
            "rope.scaling.type": "linear",
            "rope.scaling.factor": 8.0,
        },
        norms_from_one=True,
    ),
    "phi3": Case(
        "phi3",
        config("Phi3", sliding_window=None, rope_parameters=rope(partial_rotary_factor=0.5)),
        {"rope.dimension_count": 8},
    ),
    "phi3-short": phi3(64),
    "phi3-long": phi3(16),
    "smollm3": Case("smollm3", config("SmolLM3", layers=4, tie_word_embeddings=True), is_permuted=True),
    "olmo2": Case("olmo2", config("Olmo2")),
    "olmo3": Case(
        "olmo2",
        config(
            "Olmo3",
            layers=4,
            sliding_window=8,
            rope_parameters={"sliding_attention": rope(), "full_attention": YARN_ROPE},
        ),
        {"attention.sliding_window": 8, **YARN},
    ),
    "granite": Case(
        "granite",
        config(
            "Granite",
            tie_word_embeddings=True,
            embedding_multiplier=12.0,
            attention_multiplier=0.4,
            residual_multiplier=0.22,
            logits_scaling=2.0,
        ),
        {"embedding_scale": 12.0, "attention.scale": 0.4, "residual_scale": 0.22, "logit_scale": 2.0},
        is_permuted=True,
    ),
    "stablelm": Case(
        "stablelm",
        config("StableLm", layer_norm_eps=EPSILON, use_qkv_bias=True, rope_parameters=rope(partial_rotary_factor=0.5)),
        {"rope.dimension_count": 8},
    ),
}
