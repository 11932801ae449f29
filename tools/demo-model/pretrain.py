"""Pretraining: next-token prediction on the packed corpus."""

import math
import time

import torch
from tokenizers import Tokenizer
from torch.nn import functional as F

from model import Model, Shape
from tokenizer import END_OF_TEXT

WINDOW, BATCH = 128, 16
PEAK_RATE, WARM_UP = 4e-3, 60


def pack(documents: list[str], tokenizer: Tokenizer) -> torch.Tensor:
    """All documents in one row of ids, each after an end-of-text token."""
    ids: list[int] = []
    for encoding in tokenizer.encode_batch(documents):
        ids.append(END_OF_TEXT)
        ids.extend(encoding.ids)
    return torch.tensor(ids)


def learning_rate(step: int, steps: int) -> float:
    """Rises over the first steps, then falls along a cosine to a twentieth."""
    if step < WARM_UP:
        return PEAK_RATE * (step + 1) / WARM_UP
    progress = (step - WARM_UP) / max(1, steps - WARM_UP)
    return PEAK_RATE * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * progress)))


def pretrain(shape: Shape, ids: torch.Tensor, steps: int, seed: int) -> Model:
    """A model that has seen `steps` batches of windows of `ids`."""
    torch.manual_seed(seed)
    model = Model(shape)
    matrices = [p for p in model.parameters() if p.dim() == 2]
    norms = [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": norms, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=PEAK_RATE, betas=(0.9, 0.95))
    generator = torch.Generator().manual_seed(seed)
    start = time.perf_counter()
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, steps)
        at = torch.randint(len(ids) - WINDOW - 1, (BATCH,), generator=generator)
        windows = torch.stack([ids[i : i + WINDOW + 1] for i in at])
        logits = model(windows[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 50 == 0 or step == steps - 1:
            print(f"step {step}: loss {loss.item():.3f}, {time.perf_counter() - start:.0f} s", flush=True)
    return model.eval()
