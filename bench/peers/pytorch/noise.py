"""Moves weights along a Gaussian direction that is never stored: z is made again from its seed."""

import os
from concurrent.futures import ThreadPoolExecutor

import torch

# Half of what PyTorch would share among threads, and small enough to stay in a core's cache.
CHUNK = 16384


class PublishedNoise:
    """One torch.manual_seed, then one normal tensor per weight, as in the code of the MeZO paper."""

    def __init__(self, weights: list[torch.Tensor]):
        self.weights = weights
        self.noise = torch.empty(max(weight.numel() for weight in weights), dtype=weights[0].dtype)

    def add(self, seed: int, factor: float) -> None:
        """weights += factor * z(seed)"""
        torch.manual_seed(seed)
        for weight in self.weights:
            noise = self.noise[: weight.numel()].view_as(weight).normal_()
            weight.add_(noise, alpha=factor)


class ParallelNoise:
    """
    The same distribution with every core at work, which PyTorch's own generator on the processor does not manage.

    Each weight has a generator of its own, so z does not depend on the number of threads.
    """

    def __init__(self, weights: list[torch.Tensor]):
        self.flat_weights = [weight.view(-1) for weight in weights]
        self.pool = ThreadPoolExecutor(os.cpu_count())

    def add(self, seed: int, factor: float) -> None:
        """weights += factor * z(seed)"""

        def add_to(index: int) -> None:
            generator = torch.Generator().manual_seed(seed + index)
            noise = torch.empty(CHUNK, dtype=self.flat_weights[index].dtype)
            for chunk in self.flat_weights[index].split(CHUNK):
                chunk.add_(noise[: len(chunk)].normal_(generator=generator), alpha=factor)

        list(self.pool.map(add_to, range(len(self.flat_weights))))
