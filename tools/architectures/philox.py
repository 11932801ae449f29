"""The random numbers of test/support/random-numbers.ts: Philox4x32-10, the words of each block taken from the last to the first."""

import numpy as np

MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
INCREMENTS = (0x9E3779B9, 0xBB67AE85)
MASK = np.uint64(0xFFFFFFFF)


def words(seed: int, count: int) -> np.ndarray:
    """The first `count` words of a seed, as integers below 2^32."""
    blocks = np.arange((count + 3) // 4, dtype=np.uint64)
    counter = [blocks, *(np.zeros_like(blocks) for _ in range(3))]
    key = [seed, 0]
    for _ in range(10):
        first = counter[0] * np.uint64(MULTIPLIERS[0])
        second = counter[2] * np.uint64(MULTIPLIERS[1])
        counter = [
            (second >> np.uint64(32)) ^ counter[1] ^ np.uint64(key[0]),
            second & MASK,
            (first >> np.uint64(32)) ^ counter[3] ^ np.uint64(key[1]),
            first & MASK,
        ]
        key = [(key[i] + INCREMENTS[i]) & 0xFFFFFFFF for i in range(2)]
    return np.stack(counter[::-1], axis=1).reshape(-1)[:count]


def values(seed: int, count: int, center: float, magnitude: float) -> np.ndarray:
    """float32 numbers in center ± magnitude."""
    symmetric = 2 * (words(seed, count) / 2**32) - 1
    return (center + magnitude * symmetric).astype(np.float32)
