"""A diffusion transformer (Peebles and Xie 2022, arXiv:2212.09748): adaptive layer norms, whose shifts, scales and gates come from a time and a condition."""

import numpy as np
from graph import Graph
from onnx import TensorProto, helper

CHANNELS, WIDTH, CONDITION, HEADS, LAYERS = 16, 32, 16, 2, 2
HEAD = WIDTH // HEADS


def silu(graph: Graph, x: str) -> str:
    return graph.add("Mul", x, graph.add("Sigmoid", x))


def condition(graph: Graph) -> str:
    """Of the time, as sines and cosines, and the condition; shape [batch, width]."""
    column = graph.constant("column", np.array([1]))
    time = graph.add("Unsqueeze", graph.add("Cast", "timestep", to=TensorProto.FLOAT), column)
    waves = np.float32(1000.0) ** (-np.arange(CONDITION // 2, dtype=np.float32) / (CONDITION // 2))
    angles = graph.add("Mul", time, graph.constant("frequencies", waves[None]))
    both = graph.add("Concat", graph.add("Sin", angles), graph.add("Cos", angles), axis=1)
    embedded = graph.product(silu(graph, graph.product(both, "time.linear_1", WIDTH, CONDITION, 16)), "time.linear_2", WIDTH, WIDTH, 16)
    floats = graph.add("Cast", "condition", to=TensorProto.FLOAT)
    return silu(graph, graph.add("Add", embedded, graph.product(floats, "condition.linear", WIDTH, CONDITION, 16)))


def modulation(graph: Graph, given: str, name: str, parts: int) -> list[str]:
    """Shifts, scales and gates, each of shape [batch, 1, width]."""
    rows = graph.add("Unsqueeze", graph.product(given, name, parts * WIDTH, WIDTH, 32), "column")
    return graph.add("Split", rows, outputs=parts, axis=2, num_outputs=parts)


def modulated_norm(graph: Graph, x: str, shift: str, scale: str) -> str:
    norm = graph.add("LayerNormalization", x, "norm.ones", axis=-1, epsilon=1e-6)
    return graph.add("Add", graph.add("Mul", norm, graph.add("Add", scale, "one")), shift)


def attention(graph: Graph, x: str, name: str) -> str:
    both = graph.product(x, f"{name}.qkv", 3 * WIDTH, WIDTH, 16)
    split = graph.add("Reshape", both, graph.constant(f"{name}.heads", np.array([0, 0, 3 * HEADS, HEAD])))
    queries, keys, values = graph.add("Split", graph.add("Transpose", split, perm=[0, 2, 1, 3]), outputs=3, axis=1, num_outputs=3)
    products = graph.add("MatMul", queries, graph.add("Transpose", keys, perm=[0, 1, 3, 2]))
    scaled = graph.add("Mul", products, graph.constant(f"{name}.scale", np.float32(HEAD**-0.5)))
    mixed = graph.add("MatMul", graph.add("Softmax", scaled, axis=-1), values)
    joined = graph.add("Reshape", graph.add("Transpose", mixed, perm=[0, 2, 1, 3]), graph.constant(f"{name}.joined", np.array([0, 0, WIDTH])))
    return graph.product(joined, f"{name}.proj", WIDTH, WIDTH, 32)


def feed_forward(graph: Graph, x: str, name: str, half: bool) -> str:
    return graph.unpacked_product(silu(graph, graph.product(x, f"{name}.fc1", 2 * WIDTH, WIDTH, 16)), f"{name}.fc2", WIDTH, 2 * WIDTH, 16, half)


def diffusion_transformer(seed: int):
    graph = Graph(seed)
    given = condition(graph)
    graph.constant("norm.ones", np.ones(WIDTH, np.float32))
    graph.constant("one", np.float32(1))
    hidden = graph.product("latent", "proj_in", WIDTH, CHANNELS, 16)
    for layer in range(LAYERS):
        name = f"blocks.{layer}"
        parts = modulation(graph, given, f"{name}.modulation", 6)
        mixed = attention(graph, modulated_norm(graph, hidden, *parts[:2]), f"{name}.attn")
        hidden = graph.add("Add", hidden, graph.add("Mul", parts[2], mixed))
        fed = feed_forward(graph, modulated_norm(graph, hidden, *parts[3:5]), f"{name}.mlp", half=layer == 1)
        hidden = graph.add("Add", hidden, graph.add("Mul", parts[5], fed))
    last = modulated_norm(graph, hidden, *modulation(graph, given, "norm_out.modulation", 2))
    graph.add("Identity", graph.product(last, "proj_out", CHANNELS, WIDTH, 16), makes="noise")
    value = helper.make_tensor_value_info
    inputs = [
        value("latent", TensorProto.FLOAT, ["batch", "positions", CHANNELS]),
        value("timestep", TensorProto.INT64, ["batch"]),
        value("condition", TensorProto.FLOAT16, ["batch", CONDITION]),
    ]
    return graph, inputs, [value("noise", TensorProto.FLOAT, ["batch", "positions", CHANNELS])]
