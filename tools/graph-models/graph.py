"""Puts nodes and weights of a graph together."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from quantize import blocks_of, packed

MICROSOFT = "com.microsoft"


class Graph:
    def __init__(self, seed: int):
        self.random = np.random.default_rng(seed)
        self.nodes, self.initializers = [], []

    def add(self, operator: str, *inputs: str, name: str | None = None, outputs: int = 1, makes: str | None = None, domain: str = "", **attributes):
        """Adds a node; the names of its outputs, or of its one output where `makes` names it."""
        name = name or f"{operator}_{len(self.nodes)}"
        made = [makes or f"{name}_output_{index}" for index in range(outputs)]
        self.nodes.append(helper.make_node(operator, list(inputs), made, name=name, domain=domain, **attributes))
        return made[0] if outputs == 1 else made

    def constant(self, name: str, values: np.ndarray) -> str:
        self.initializers.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def four_bits(self, name: str, codes: np.ndarray) -> str:
        """A tensor of unsigned 4-bit elements."""
        data = packed(codes.reshape(-1)).tobytes()
        self.initializers.append(helper.make_tensor(name, TensorProto.UINT4, codes.shape, data, raw=True))
        return name

    def normal(self, *shape: int, size: float) -> np.ndarray:
        return (size * self.random.standard_normal(shape)).astype(np.float32)

    def vector(self, name: str, length: int, around: float = 0) -> str:
        return self.constant(name, around + self.normal(length, size=0.1))

    def product(self, x: str, name: str, rows: int, columns: int, block: int, **attributes) -> str:
        """x Wᵀ + b by MatMulNBits."""
        codes, scales = blocks_of(self.normal(rows, columns, size=columns**-0.5), block)
        weights = self.constant(f"{name}.weight_Q4", packed(codes.reshape(rows, columns // block, block)))
        inputs = [x, weights, self.constant(f"{name}.weight_scales", scales.reshape(-1))]
        shape = dict(K=columns, N=rows, bits=4, block_size=block)
        made = self.add("MatMulNBits", *inputs, name=f"/{name}/MatMul_Q4", domain=MICROSOFT, **shape, **attributes)
        return self.add("Add", made, self.vector(f"{name}.bias", rows))

    def unpacked_product(self, x: str, name: str, rows: int, columns: int, block: int, half: bool) -> str:
        """x Wᵀ + b by DequantizeLinear and MatMul, with zero points; of half floats where `half`."""
        weights = self.normal(rows, columns, size=columns**-0.5)
        codes, scales = blocks_of(weights, block)
        grid = scales.T.astype(np.float16 if half else np.float32)
        zeros = self.random.integers(6, 10, size=scales.T.shape).astype(np.uint8)
        inputs = [
            self.four_bits(f"{name}.weight_quantized", codes.T),
            self.constant(f"{name}.weight_scale", grid),
            self.four_bits(f"{name}.weight_zero_point", zeros),
        ]
        matrix = self.add("DequantizeLinear", *inputs, axis=0, block_size=block)
        floats = self.add("Cast", matrix, to=TensorProto.FLOAT) if half else matrix
        return self.add("Add", self.add("MatMul", x, floats), self.vector(f"{name}.bias", rows))
