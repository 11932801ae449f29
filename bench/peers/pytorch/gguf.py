"""Reads a GGUF file into float32 arrays, one tensor at a time.

Source of the layouts: the GGUF specification and ggml's block formats. A block holds 32 weights; in the 4-bit
formats byte j of a block has weight j in its low and weight j + 16 in its high nibble.
"""

import struct
from pathlib import Path

import numpy as np

SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
STRING, ARRAY = 8, 9

F32, F16, Q4_0, Q4_1, Q8_0 = 0, 1, 2, 3, 8
BLOCKS = {
    F32: np.dtype([("values", "<f4", 1)]),
    F16: np.dtype([("values", "<f2", 1)]),
    Q4_0: np.dtype([("scale", "<f2"), ("packed", "u1", 16)]),
    Q4_1: np.dtype([("scale", "<f2"), ("minimum", "<f2"), ("packed", "u1", 16)]),
    Q8_0: np.dtype([("scale", "<f2"), ("codes", "i1", 32)]),
}
WEIGHTS_PER_BLOCK = {F32: 1, F16: 1, Q4_0: 32, Q4_1: 32, Q8_0: 32}


class GgufFile:
    """Metadata by key, and tensors by name as float32 arrays of shape [rows, columns]."""

    def __init__(self, path: Path):
        self.path = path
        self.metadata = {}
        self._tensors = {}
        with open(path, "rb") as file:
            magic, version, tensor_count, entry_count = _read(file, "<4sIQQ")
            if magic != b"GGUF" or version not in (2, 3):
                raise ValueError(f"{path} should be a GGUF file of version 2 or 3")
            for _ in range(entry_count):
                key = _read_string(file)
                self.metadata[key] = _read_value(file, *_read(file, "<I"))
            for _ in range(tensor_count):
                name = _read_string(file)
                (dimensions,) = _read(file, "<I")
                shape = _read(file, f"<{dimensions}Q")[::-1]
                self._tensors[name] = (shape, *_read(file, "<IQ"))
            alignment = self.metadata.get("general.alignment", 32)
            self._data_start = -(-file.tell() // alignment) * alignment

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    def tensor(self, name: str) -> np.ndarray:
        """The dequantized tensor, read afresh: nothing of the file stays in memory."""
        shape, kind, offset = self._tensors[name]
        if kind not in BLOCKS:
            raise ValueError(f"{name} has tensor type {kind}; this reader knows F32, F16, Q4_0, Q4_1 and Q8_0")
        count = int(np.prod(shape)) // WEIGHTS_PER_BLOCK[kind]
        blocks = np.fromfile(self.path, BLOCKS[kind], count, offset=self._data_start + offset)
        return _dequantize(blocks, kind).reshape(shape)


def _dequantize(blocks: np.ndarray, kind: int) -> np.ndarray:
    """weight = code * scale (+ minimum in Q4_1); the codes of Q4_0 are centred on 8."""
    if kind in (F32, F16):
        return blocks["values"].astype(np.float32)
    if kind == Q8_0:
        weights = blocks["codes"].astype(np.float32)
    else:
        weights = np.empty((len(blocks), 32), np.float32)
        weights[:, :16] = blocks["packed"] & 15
        weights[:, 16:] = blocks["packed"] >> 4
        if kind == Q4_0:
            weights -= 8
    weights *= blocks["scale"].astype(np.float32)[:, None]
    if kind == Q4_1:
        weights += blocks["minimum"].astype(np.float32)[:, None]
    return weights


def _read(file, layout: str) -> tuple:
    return struct.unpack(layout, file.read(struct.calcsize(layout)))


def _read_string(file) -> str:
    (length,) = _read(file, "<Q")
    return file.read(length).decode("utf-8")


def _read_value(file, kind: int):
    if kind == STRING:
        return _read_string(file)
    if kind == ARRAY:
        element, length = _read(file, "<IQ")
        return [_read_value(file, element) for _ in range(length)]
    return _read(file, "<" + SCALARS[kind])[0]
