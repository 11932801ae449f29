"""Codes and scales of random matrices, as MatMulNBits, GatherBlockQuantized and DequantizeLinear take them."""

import numpy as np


def blocks_of(weights: np.ndarray, block: int) -> tuple[np.ndarray, np.ndarray]:
    """4-bit codes around 8 and a scale for each block of a row; shapes [rows, columns] and [rows, columns / block]."""
    rows, columns = weights.shape
    grouped = weights.reshape(rows, columns // block, block)
    scales = (np.abs(grouped).max(axis=2) / 7).astype(np.float32)
    codes = np.clip(np.rint(grouped / scales[:, :, None]) + 8, 0, 15).astype(np.uint8)
    return codes.reshape(rows, columns), scales


def packed(codes: np.ndarray) -> np.ndarray:
    """Two codes in a byte, the first in the low half; the last axis is halved."""
    return codes[..., 0::2] | (codes[..., 1::2] << 4)
