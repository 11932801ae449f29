"""MeZO as published, on the dequantized weights of a GGUF file: the peer of `npm run bench`.

Source: Malladi et al. 2023, "Fine-Tuning Language Models with Just Forward Passes", Algorithm 1, arXiv:2305.17333.
"""

import argparse
import json
import math
import random
import statistics
import time
from collections.abc import Callable

import torch

from gguf import GgufFile
from labels import Batch, evaluate, mean_loss, read_batches
from llama import Llama
from memory import peak_resident_bytes
from noise import ParallelNoise, PublishedNoise
from program import options_parser, write_result

LEARNING_RATE = 1e-6
EPSILON = 1e-3
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
NOISES = {"published": PublishedNoise, "parallel": ParallelNoise}
# Every so many steps the batch also runs once as a bare forward pass, outside the step's time.
BARE_PASS_INTERVAL = 5


def take_step(noise: PublishedNoise | ParallelNoise, seed: int, loss: Callable[[], float]) -> None:
    """
    projectedGradient = (L(w + eps z) - L(w - eps z)) / 2 eps;  w -= learningRate * projectedGradient * z

    In place, with no second copy of the weights; restoring and updating are two sweeps, as in the published code.
    """
    noise.add(seed, EPSILON)
    loss_plus = loss()
    noise.add(seed, -2 * EPSILON)
    loss_minus = loss()
    noise.add(seed, EPSILON)
    projected_gradient = (loss_plus - loss_minus) / (2 * EPSILON)
    if not math.isfinite(projected_gradient):
        raise FloatingPointError(f"losses {loss_plus} and {loss_minus} of seed {seed} should be finite")
    noise.add(seed, -LEARNING_RATE * projected_gradient)


@torch.no_grad()
def train(options: argparse.Namespace) -> dict:
    """Runs the steps; returns the evaluations and the times, in seconds."""
    train_rows, dev, label_tokens = read_batches(options.batches, options.steps)
    import_peak_bytes = peak_resident_bytes()
    model = Llama(GgufFile(options.model), DTYPES[options.dtype])
    noise = NOISES[options.noise](list(model.weights.values()))
    seeds = random.Random(options.seed)
    evaluations, step_seconds, bare_seconds, ratios = [], [], [], []

    def report(steps_done: int) -> None:
        evaluation = {"forwardPasses": 2 * steps_done, "seconds": sum(step_seconds), **evaluate(model, dev, label_tokens)}
        evaluations.append(evaluation)
        print(json.dumps({"event": "evaluation", "step": steps_done, **evaluation}), flush=True)

    report(0)
    for step, rows in enumerate(train_rows):
        batch = Batch(rows)

        def loss() -> float:
            return mean_loss(model, batch, label_tokens).item()

        start = time.perf_counter()
        take_step(noise, seeds.randrange(10**9), loss)
        step_seconds.append(time.perf_counter() - start)
        if step % BARE_PASS_INTERVAL == 0:
            start = time.perf_counter()
            loss()
            bare_seconds.append(time.perf_counter() - start)
            ratios.append(step_seconds[-1] / bare_seconds[-1])
        if (step + 1) % options.eval_every == 0 or step + 1 == options.steps:
            report(step + 1)

    return {
        "evaluations": evaluations,
        "stepSecondsMean": statistics.fmean(step_seconds),
        "stepSecondsMedian": statistics.median(step_seconds),
        "forwardSecondsMean": statistics.fmean(bare_seconds),
        "forwardSecondsMedian": statistics.median(bare_seconds),
        "stepToForwardRatioMedian": statistics.median(ratios),
        "importPeakBytes": import_peak_bytes,
        "peakBytes": peak_resident_bytes(),
    }


def main() -> None:
    parser = options_parser(__doc__)
    parser.add_argument("--noise", choices=NOISES, default="published")
    parser.add_argument("--dtype", choices=DTYPES, default="float32")
    options = parser.parse_args()
    chosen = {"noise": options.noise, "dtype": options.dtype}
    settings = {"method": "MeZO", "learningRate": LEARNING_RATE, "epsilon": EPSILON, **chosen}
    write_result(options, settings, train)


if __name__ == "__main__":
    main()
