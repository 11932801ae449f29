"""Which tensor gets which type: Q4_1 for linears, Q8_0 for the embedding, F32 for norms."""

import numpy as np
from gguf import GGMLQuantizationType, quants

from model import LINEARS, Model

Stored = tuple[np.ndarray, GGMLQuantizationType]


def type_of(name: str) -> GGMLQuantizationType:
    """Type of the tensor `name` in the file."""
    if name == "token_embd.weight":
        return GGMLQuantizationType.Q8_0
    is_linear = name.split(".")[-2] in LINEARS
    return GGMLQuantizationType.Q4_1 if is_linear else GGMLQuantizationType.F32


def quantize(model: Model) -> dict[str, Stored]:
    """Every tensor as the file stores it, by its name there, rounded to the nearest code."""
    stored = {}
    for name, weight in model.state_dict().items():
        kind = type_of(name)
        values = weight.detach().numpy().astype(np.float32)
        stored[name] = (values if kind == GGMLQuantizationType.F32 else quants.quantize(values, kind), kind)
    return stored
