"""What mezo.py and lora.py share as programs: their options, and the file with the result."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import torch


def options_parser(description: str) -> argparse.ArgumentParser:
    """A parser of the options that both programs take."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--batches", type=Path, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--eval-every", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    return parser


def write_result(options: argparse.Namespace, settings: dict, train: Callable[[argparse.Namespace], dict]) -> None:
    """Trains, and writes the settings with what came of it."""
    result = {
        **settings,
        "seed": options.seed,
        "steps": options.steps,
        "torchVersion": torch.__version__,
        "threads": torch.get_num_threads(),
        **train(options),
    }
    options.out.write_text(json.dumps(result, indent=2) + "\n")
