"""Gradients by PyTorch's autograd on the dequantized weights of a GGUF file: the judge of our backward graphs.

Writes, for the first training batch, the loss and the gradient of a log-factor on each row of every linear: with weights
diag(e^a) W at a = 0 that is the sum of dL/dW * W along the row.
"""

import argparse
import json
from pathlib import Path

from gguf import GgufFile
from labels import Batch, mean_loss, read_batches
from llama import Llama

# Matrices of the model here, and the GGUF linears whose rows they hold one below the other.
LINEARS = {
    "qkv": ["attn_q", "attn_k", "attn_v"],
    "attn_output": ["attn_output"],
    "gate_up": ["ffn_gate", "ffn_up"],
    "ffn_down": ["ffn_down"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--batches", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    rows_of_steps, _, label_tokens = read_batches(options.batches, 1)
    file = GgufFile(options.model)
    model = Llama(file)
    names = [f"blk.{layer}.{name}" for layer in range(model.layer_count) for name in LINEARS]
    for name in names:
        model.weights[name].requires_grad_(True)
    loss = mean_loss(model, Batch(rows_of_steps[0]), label_tokens)
    loss.backward()
    gradients = {}
    for name in names:
        weight = model.weights[name]
        by_row = (weight.grad * weight.detach()).sum(dim=1)
        block, matrix = name.rsplit(".", 1)
        first = 0
        for linear in LINEARS[matrix]:
            rows = file.tensor(f"{block}.{linear}.weight").shape[0]
            gradients[f"{block}.{linear}.rows"] = by_row[first : first + rows].tolist()
            first += rows
    options.out.write_text(json.dumps({"loss": loss.item(), "gradients": gradients}))


if __name__ == "__main__":
    main()
