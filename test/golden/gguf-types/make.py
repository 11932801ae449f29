"""Writes gguf-types.json: seeded blocks of every quantized type, and what the gguf package makes of them.

Made with Python 3.11, gguf 0.19.0 and numpy 2.4.6: `python make.py > gguf-types.json`.
"""

import base64
import hashlib
import json

import gguf
import numpy

BLOCKS = {32: 24, 256: 6}
# Where the half floats of a block are: its scale, and its minimum.
HALVES = {
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0],
    "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208],
    "IQ4_NL": [0], "IQ4_XS": [0],
}


def blocks_of(name, random):
    length, size = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[name]]
    count = BLOCKS[length]
    blocks = random.integers(0, 256, (count, size), dtype=numpy.uint8)
    for place in HALVES[name]:
        halves = (random.standard_normal(count) * 0.01).astype(numpy.float16)
        # A zero, a subnormal, the smallest, the largest and a one among them.
        special = numpy.array([0, 3e-6, 6e-8, 65504, 1], dtype=numpy.float16)
        halves[: len(special)] = special if place == HALVES[name][0] else special[::-1]
        blocks[:, place : place + 2] = halves.view(numpy.uint8).reshape(count, 2)
    return blocks


def main():
    random = numpy.random.default_rng(8)
    cases = {}
    for name in HALVES:
        blocks = blocks_of(name, random)
        values = gguf.dequantize(blocks, gguf.GGMLQuantizationType[name]).astype("<f4")
        cases[name] = {
            "blocks": base64.b64encode(blocks.tobytes()).decode(),
            "sha256": hashlib.sha256(values.tobytes()).hexdigest(),
            "last": [float(value) for value in values.reshape(-1)[-4:]],
        }
    print(json.dumps(cases, indent=2))


main()
