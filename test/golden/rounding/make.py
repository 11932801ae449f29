"""Writes nearest.json: seeded values, and the blocks that the gguf package makes of them.

Made with Python 3.11, gguf 0.19.0 and numpy 2.4.6: `python make.py > nearest.json`.
"""

import base64
import json

import gguf
import numpy

TYPES = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0"]


def values() -> numpy.ndarray:
    """Twelve blocks of 32 of different sizes: among them zeros, one value, equal values, and ties between codes."""
    random = numpy.random.default_rng(9)
    blocks = random.standard_normal((12, 32)) * numpy.logspace(-5, 3, 12)[:, None]
    blocks[1] = 0
    blocks[2] = 0
    blocks[2, 5] = -0.5
    blocks[3] = 0.75
    blocks[4] = numpy.arange(-16, 16) / 2
    blocks[5] = numpy.arange(32) + 0.5
    return blocks.astype("<f4")


def main() -> None:
    made = values()
    content = {"values": base64.b64encode(made.tobytes()).decode()}
    for name in TYPES:
        blocks = gguf.quantize(made, gguf.GGMLQuantizationType[name])
        content[name] = base64.b64encode(blocks.tobytes()).decode()
    print(json.dumps(content, indent=2))


main()
