"""Checks that the demo is worth showing: Zerotune's `qzo-rows` in PyTorch on the finished file, several seeds.

Only factors exp(s) on the outputs of the linears move. Every example has its own +-1 direction z; from its losses with
exp(+e z) and exp(-e z) comes d, and s -= rate / sqrt(batch) * sum_b clip(d_b / rms, 3) z_b.
`--adam` trains the same factors with exact gradients: the most that they can do.
"""

import argparse
import csv
import json
import time
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from model import LINEARS, Model
from read_gguf import read_gguf

DEMO = Path(__file__).parents[2] / "resources" / "demo"
EPSILON, CLIP, DECAY = 0.03, 3.0, 0.95


class Task:
    """The demo's rows as prompt ids and label numbers, with the loss over the label tokens."""

    def __init__(self, folder: Path, model: Model, tokenizer) -> None:
        self.model = model
        task = json.loads((folder / "task.json").read_text("utf-8"))
        names = list(task["labels"])
        words = [tokenizer.encode(word).ids for word in task["labels"].values()]
        assert all(len(word) == 1 for word in words), f"labels should be one token each, got {words}"
        self.label_ids = torch.tensor([word[0] for word in words])
        self.rows = {}
        for part in ("train", "dev"):
            with (folder / f"{part}.tsv").open(encoding="utf-8") as file:
                records = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
            self.rows[part] = [
                (tokenizer.encode(task["prompt"].format(**record)).ids, names.index(record[task["labelColumn"]]))
                for record in records
            ]
            self.rows[part].sort(key=lambda row: len(row[0]))

    def losses(self, rows: list, factors: list[dict[str, Tensor]]) -> tuple[Tensor, Tensor]:
        """Loss of each row and whether it was right; `factors` have one line, or one (or two) for each row."""
        longest = max(len(ids) for ids, _ in rows)
        ids = torch.tensor([ids + [0] * (longest - len(ids)) for ids, _ in rows])
        last = torch.tensor([len(ids) - 1 for ids, _ in rows])
        hidden = self.model.hidden(ids, factors)[torch.arange(len(rows)), last]
        logits = hidden @ self.model.token_embd.weight[self.label_ids].T
        labels = torch.tensor([label for _, label in rows])
        return F.cross_entropy(logits, labels, reduction="none"), logits.argmax(1) == labels

    @torch.no_grad()
    def evaluate(self, factors: list[dict[str, Tensor]]) -> tuple[float, float]:
        """Mean loss and accuracy on the dev rows."""
        parts = [self.losses(self.rows["dev"][i : i + 32], factors) for i in range(0, len(self.rows["dev"]), 32)]
        return torch.cat([p[0] for p in parts]).mean().item(), torch.cat([p[1] for p in parts]).float().mean().item()


def factors_of(model: Model, s: Tensor, first: int) -> list[dict[str, Tensor]]:
    """Splits exp(s), s [batch, numbers], over the linears of the blocks from `first` on."""
    result, at = [], 0
    for index, block in enumerate(model.blk):
        named = {}
        for name in LINEARS:
            rows = getattr(block, name).out_features
            named[name] = torch.ones(1) if index < first else s[:, None, at : at + rows].exp()
            at += rows if index >= first else 0
        result.append(named)
    return result


def train_rows(task: Task, options: argparse.Namespace, seed: int) -> None:
    """One run; prints the dev figures on the way."""
    random = torch.Generator().manual_seed(seed)
    first = options.first_layer
    count = sum(getattr(block, name).out_features for block in task.model.blk[first:] for name in LINEARS)
    s = torch.zeros(count, requires_grad=options.adam)
    adam = torch.optim.Adam([s], lr=options.rate) if options.adam else None
    square, smooth, start = 0.0, 0.0, time.perf_counter()
    print(f"seed {seed}: {count} factors, before {task.evaluate(factors_of(task.model, s.detach()[None], first))}")
    for step in range(options.steps):
        at = int(torch.randint(len(task.rows["train"]) - options.batch + 1, (1,), generator=random))
        rows = task.rows["train"][at : at + options.batch]
        rate = options.rate * (1 - 0.9 * step / options.steps)
        if adam:
            adam.param_groups[0]["lr"] = rate
            mean = task.losses(rows, factors_of(task.model, s[None], first))[0].mean()
            adam.zero_grad()
            mean.backward()
            adam.step()
            mean = mean.item()
        else:
            with torch.no_grad():
                z = torch.randint(0, 2, (len(rows), count), generator=random).float() * 2 - 1
                both = factors_of(task.model, torch.cat((s + EPSILON * z, s - EPSILON * z)), first)
                plus, minus = task.losses(rows + rows, both)[0].chunk(2)
                d, mean = plus - minus, ((plus + minus) / 2).mean().item()
                square = DECAY * square + (1 - DECAY) * d.square().mean().item() if step else d.square().mean().item()
                s -= rate / len(rows) ** 0.5 * (d / (square**0.5 + 1e-9)).clamp(-CLIP, CLIP) @ z
        smooth = 0.95 * smooth + 0.05 * mean if step else mean
        if (step + 1) % options.every == 0:
            loss, accuracy = task.evaluate(factors_of(task.model, s.detach()[None], first))
            seconds = time.perf_counter() - start
            print(f"  {step + 1}: train {smooth:.3f}, dev {loss:.3f} / {accuracy:.3f}, {seconds:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=DEMO)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=1e-2)
    parser.add_argument("--first-layer", type=int, default=0)
    parser.add_argument("--every", type=int, default=200)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--adam", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    model, tokenizer = read_gguf(options.folder / "zerotune-demo.Q4_1.gguf")
    model.requires_grad_(False)
    task = Task(options.folder, model, tokenizer)
    for seed in options.seeds:
        train_rows(task, options, seed)


if __name__ == "__main__":
    main()
