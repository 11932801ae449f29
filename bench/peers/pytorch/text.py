"""Running text in PyTorch: batches of windows, the loss of every token but the first of each, and the figures on dev windows."""

import torch
from torch.nn import functional

from llama import Llama

EVALUATION_ROWS = 4
# What cross_entropy leaves out.
PADDING = -100


class TextBatch:
    """Windows of one forward pass, right-padded to the longest."""

    def __init__(self, rows: list[dict]):
        width = max(len(row["tokens"]) for row in rows)
        self.tokens = torch.tensor([row["tokens"] + [0] * (width - len(row["tokens"])) for row in rows])
        self.targets = torch.tensor(
            [row["tokens"][1:] + [PADDING] * (width - len(row["tokens"])) for row in rows]
        )


def summed_loss(model: Llama, batch: TextBatch) -> torch.Tensor:
    """Cross entropy of all tokens that have one before them, in nats."""
    logits = model.next_token_logits(batch.tokens)[:, :-1]
    return functional.cross_entropy(
        logits.flatten(0, 1), batch.targets.flatten(), ignore_index=PADDING, reduction="sum"
    )


def mean_loss(model: Llama, batch: TextBatch) -> torch.Tensor:
    """Mean over the batch's tokens."""
    return summed_loss(model, batch) / token_count(batch)


def token_count(batch: TextBatch) -> int:
    return int((batch.targets != PADDING).sum())


@torch.no_grad()
def evaluate(model: Llama, rows: list[dict]) -> dict:
    """Mean loss in nats over the tokens of all windows; there is no accuracy."""
    by_length = sorted(rows, key=lambda row: len(row["tokens"]))
    loss, count = 0.0, 0
    for start in range(0, len(by_length), EVALUATION_ROWS):
        batch = TextBatch(by_length[start : start + EVALUATION_ROWS])
        loss += summed_loss(model, batch).item()
        count += token_count(batch)
    return {"devLoss": loss / count, "devAccuracy": None}
