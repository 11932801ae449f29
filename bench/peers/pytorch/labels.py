"""Rows of a labelling task in PyTorch: batches, their loss, and the figures on the dev rows."""

import json
from pathlib import Path

import torch
from torch.nn import functional

from llama import Llama

EVALUATION_ROWS = 16


class Batch:
    """Rows of one forward pass, right-padded to the longest."""

    def __init__(self, rows: list[dict]):
        lengths = [len(row["tokens"]) for row in rows]
        width = max(lengths)
        self.tokens = torch.tensor([row["tokens"] + [0] * (width - len(row["tokens"])) for row in rows])
        self.lengths = torch.tensor(lengths)
        self.labels = torch.tensor([row["label"] for row in rows])


def read_batches(path: Path, steps: int) -> tuple[list[list[dict]], list[Batch], torch.Tensor]:
    """The rows of each training step, the dev rows in batches by length, and the ids of the labels' tokens."""
    data = json.loads(path.read_text())
    if steps > len(data["train"]):
        raise ValueError(f"{steps} steps need as many training batches, found {len(data['train'])}")
    dev_rows = sorted(data["dev"], key=lambda row: len(row["tokens"]))
    dev = [Batch(dev_rows[start : start + EVALUATION_ROWS]) for start in range(0, len(dev_rows), EVALUATION_ROWS)]
    return data["train"][:steps], dev, torch.tensor(data["labelTokens"])


def mean_loss(model: Llama, batch: Batch, label_tokens: torch.Tensor) -> torch.Tensor:
    """Mean cross entropy over the label logits, in nats."""
    return functional.cross_entropy(model.label_logits(batch.tokens, batch.lengths, label_tokens), batch.labels)


@torch.no_grad()
def evaluate(model: Llama, batches: list[Batch], label_tokens: torch.Tensor) -> dict:
    """Mean loss in nats and accuracy over all rows."""
    loss, correct, count = 0.0, 0, 0
    for batch in batches:
        logits = model.label_logits(batch.tokens, batch.lengths, label_tokens)
        loss += functional.cross_entropy(logits, batch.labels, reduction="sum").item()
        correct += int((logits.argmax(dim=1) == batch.labels).sum())
        count += len(batch.labels)
    return {"devLoss": loss / count, "devAccuracy": correct / count}
