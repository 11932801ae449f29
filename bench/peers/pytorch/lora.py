"""LoRA with AdamW in float32, on the dequantized weights of a GGUF file: the peer of exact gradients.

Source: Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models", section 4, arXiv:2106.09685: branches on the
queries and values of every block, B from zero, A from a normal distribution.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable

import torch

import labels
import text
from gguf import GgufFile
from llama import Llama
from memory import peak_resident_bytes
from program import options_parser, write_result

RANK = 8
ALPHA = 16
LEARNING_RATE = 1e-3


def add_branches(model: Llama, seed: int) -> list[torch.nn.Parameter]:
    """Puts a branch beside the queries and values of every block; returns what is trained."""
    torch.manual_seed(seed)
    trained = []
    for layer in range(model.layer_count):
        block = f"blk.{layer}."
        rows, width = model.weights[f"{block}qkv"].shape
        head_width = rows // (model.head_count + 2 * model.kv_head_count)
        # The published scale alpha / rank is part of A's start: with AdamW that only changes A's own learning rate.
        branches = [
            (
                torch.nn.Parameter(torch.randn(RANK, width) * (ALPHA / RANK) / width**0.5),
                torch.nn.Parameter(torch.zeros(heads * head_width, RANK)),
            )
            for heads in (model.head_count, model.kv_head_count)
        ]
        model.adapters[block] = branches
        trained += [matrix for branch in branches for matrix in branch]
    return trained


def open_rows(options: argparse.Namespace) -> tuple[list[list[dict]], Callable, Callable]:
    """The rows of each step, the loss of a model on some rows, and its figures on the dev rows."""
    data = json.loads(options.batches.read_text())
    if data["kind"] == "text":
        return (
            data["train"],
            lambda model, rows: text.mean_loss(model, text.TextBatch(rows)),
            lambda model: text.evaluate(model, data["dev"]),
        )
    rows_of_steps, dev, label_tokens = labels.read_batches(options.batches, options.steps)
    return (
        rows_of_steps,
        lambda model, rows: labels.mean_loss(model, labels.Batch(rows), label_tokens),
        lambda model: labels.evaluate(model, dev, label_tokens),
    )


def train(options: argparse.Namespace) -> dict:
    """Runs the steps; returns the evaluations and the times, in seconds."""
    rows_of_steps, mean_loss, evaluate = open_rows(options)
    import_peak_bytes = peak_resident_bytes()
    model = Llama(GgufFile(options.model))
    optimizer = torch.optim.AdamW(add_branches(model, options.seed), lr=LEARNING_RATE, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / options.steps)
    evaluations, step_seconds = [], []

    def report(steps_done: int) -> None:
        seconds = sum(step_seconds)
        evaluation = {"step": steps_done, "seconds": seconds, **evaluate(model)}
        evaluations.append(evaluation)
        print(json.dumps({"event": "evaluation", **evaluation}), flush=True)

    report(0)
    for step, rows in enumerate(rows_of_steps):
        start = time.perf_counter()
        optimizer.zero_grad()
        mean_loss(model, rows).backward()
        optimizer.step()
        schedule.step()
        step_seconds.append(time.perf_counter() - start)
        if (step + 1) % options.eval_every == 0 or step + 1 == options.steps:
            report(step + 1)

    return {
        "evaluations": evaluations,
        "stepSecondsMean": statistics.fmean(step_seconds),
        "stepSecondsMedian": statistics.median(step_seconds),
        "importPeakBytes": import_peak_bytes,
        "peakBytes": peak_resident_bytes(),
    }


def main() -> None:
    options = options_parser(__doc__).parse_args()
    write_result(options, {"method": "LoRA", "rank": RANK, "alpha": ALPHA, "learningRate": LEARNING_RATE}, train)


if __name__ == "__main__":
    main()
