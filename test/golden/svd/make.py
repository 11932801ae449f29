"""Writes svd.json: singular values of small matrices by LAPACK.

pip install numpy==2.4.6
"""
import json
from pathlib import Path
import numpy as np

random = np.random.default_rng(5)
low = random.standard_normal((12, 3)) @ random.standard_normal((3, 10))
matrices = {
    "tall": random.standard_normal((14, 6)),
    "wide": random.standard_normal((5, 13)),
    "of rank 3": low,
    "with equal singular values": np.linalg.qr(random.standard_normal((8, 8)))[0] * 2,
    "falling fast, 24 x 20": np.linalg.qr(random.standard_normal((24, 20)))[0]
    @ np.diag(2.0 ** -np.arange(20))
    @ np.linalg.qr(random.standard_normal((20, 20)))[0],
    "flat, 24 x 20": random.standard_normal((24, 20)),
}
cases = []
for name, matrix in matrices.items():
    stored = matrix.astype(np.float32)
    values = np.linalg.svd(stored.astype(np.float64), compute_uv=False)
    cases.append({"name": name, "shape": stored.shape, "values": [float(str(x)) for x in stored.ravel()], "singular": [float(x) for x in values]})
Path(__file__).with_name("svd.json").write_text(json.dumps(cases) + "\n")
