"""Weights of packed linears in float64, by the formula: (code - zero point) * scale of the column's group."""

import numpy as np

# Of AWQ's eight codes in a word, the row that each is of.
AWQ_ROWS = [0, 2, 4, 6, 1, 3, 5, 7]


def fields(words: np.ndarray, bits: int) -> np.ndarray:
    """The codes of words, the lowest bits first, along a new last axis."""
    shifts = np.arange(0, 32, bits, dtype=np.uint64)
    return (words.astype(np.uint64)[..., None] >> shifts) & np.uint64(2**bits - 1)


def along_rows(words: np.ndarray, bits: int, is_awq: bool) -> np.ndarray:
    """[n, rows * bits / 32] words as [n, rows] codes."""
    codes = fields(words, bits)
    if is_awq:
        ordered = np.empty_like(codes)
        for place, row in enumerate(AWQ_ROWS):
            ordered[..., row] = codes[..., place]
        codes = ordered
    return codes.reshape(len(words), -1)


def along_columns(words: np.ndarray, bits: int) -> np.ndarray:
    """[columns * bits / 32, rows] words as [columns, rows] codes."""
    codes = fields(words, bits).transpose(0, 2, 1)
    return codes.reshape(-1, words.shape[1])


def unpack(parts: dict[str, np.ndarray], packing: dict[str, object]) -> np.ndarray:
    """The weight of a linear, [rows, columns]."""
    bits, is_awq = int(packing["bits"]), packing["quant_method"] == "awq"
    words = parts["qweight"]
    codes = along_rows(words, bits, True) if is_awq else along_columns(words, bits)
    is_less_one = not is_awq and packing.get("checkpoint_format", "gptq") == "gptq"
    zeros = (along_rows(parts["qzeros"], bits, is_awq) + np.uint64(is_less_one)) & np.uint64(2**bits - 1)
    group = parts.get("g_idx", np.arange(len(codes)) // int(packing["group_size"]))
    scales = parts["scales"].astype(np.float64)
    return ((codes.astype(np.float64) - zeros.astype(np.float64)[group]) * scales[group]).T
