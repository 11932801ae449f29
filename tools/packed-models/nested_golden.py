"""Writes a linear as bitsandbytes quantizes it, scales and all, and some of the values that it makes of it again.

Usage: nested_golden.py TARGET.json
"""

import base64
import json
import sys

import bitsandbytes.functional as functional
import torch

ROWS, COLUMNS, BLOCK = 320, 64, 64


def packed(tensor):
    dtype = {torch.uint8: "U8", torch.float32: "F32"}[tensor.dtype]
    data = base64.b64encode(tensor.contiguous().numpy().tobytes()).decode()
    return {"dtype": dtype, "shape": list(tensor.shape), "data": data}


def main(target):
    torch.manual_seed(1)
    weight = torch.randn(ROWS, COLUMNS) * torch.exp(torch.randn(ROWS, 1))
    codes, state = functional.quantize_4bit(weight, blocksize=BLOCK, quant_type="nf4", compress_statistics=True)
    values = functional.dequantize_4bit(codes, state)
    tensors = {"weight": packed(codes)}
    tensors |= {f"weight.{name}": packed(part) for name, part in state.as_dict(packed=True).items()}
    samples = [[row, column, values[row, column].item()] for row in range(0, ROWS, 7) for column in range(0, COLUMNS, 9)]
    with open(target, "w") as file:
        json.dump({"tensors": tensors, "samples": samples}, file)


main(sys.argv[1])
