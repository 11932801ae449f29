"""A language model of the GPT-NeoX kind: layer norms with biases, attention and feed-forward part beside each other, learned positions."""

import numpy as np
from graph import MICROSOFT, Graph
from onnx import TensorProto, helper
from quantize import blocks_of, packed

VOCABULARY, WIDTH, HEADS, LAYERS, POSITIONS = 64, 32, 2, 2, 48
HEAD = WIDTH // HEADS


def norm(graph: Graph, x: str, name: str) -> str:
    weights = [graph.vector(f"{name}.weight", WIDTH, 1), graph.vector(f"{name}.bias", WIDTH)]
    return graph.add("LayerNormalization", x, *weights, axis=-1, epsilon=1e-5)


def embedding(graph: Graph, tokens: str) -> str:
    codes, scales = blocks_of(graph.normal(VOCABULARY, WIDTH, size=1), 16)
    inputs = [graph.constant("embed_in.weight_Q4", packed(codes)), tokens, graph.constant("embed_in.scales", scales)]
    return graph.add("GatherBlockQuantized", *inputs, domain=MICROSOFT, bits=4, block_size=16, gather_axis=0, quantize_axis=1)


def allowed(graph: Graph, mask: str, positions: str) -> str:
    """Which keys a query sees, shape [batch, 1, queries, keys]: none after it, and none that the mask leaves out."""
    zero, one = graph.constant("zero", np.int64(0)), graph.constant("one", np.int64(1))
    keys = graph.add("Range", zero, graph.add("Squeeze", graph.add("Shape", mask, start=1, end=2)), one)
    queries = graph.add("Unsqueeze", positions, graph.constant("query_axes", np.array([1, 3])))
    seen = graph.add("LessOrEqual", keys, queries)
    real = graph.add("Unsqueeze", graph.add("Cast", mask, to=TensorProto.BOOL), graph.constant("key_axes", np.array([1, 2])))
    return graph.add("And", seen, real)


def attention(graph: Graph, x: str, layer: int, seen: str) -> str:
    name = f"layers.{layer}.attention"
    both = graph.product(x, f"{name}.query_key_value", 3 * WIDTH, WIDTH, 16, accuracy_level=4)
    split = graph.add("Reshape", both, graph.constant(f"{name}.heads", np.array([0, 0, HEADS, 3 * HEAD])))
    parts = graph.add("Split", graph.add("Transpose", split, perm=[0, 2, 1, 3]), outputs=3, axis=3, num_outputs=3)
    keys, values = (
        graph.add("Concat", f"past_key_values.{layer}.{kind}", part, axis=2, makes=f"present.{layer}.{kind}")
        for kind, part in zip(("key", "value"), parts[1:])
    )
    products = graph.add("MatMul", parts[0], graph.add("Transpose", keys, perm=[0, 1, 3, 2]))
    scaled = graph.add("Mul", products, graph.constant(f"{name}.scale", np.float32(HEAD**-0.5)))
    masked = graph.add("Where", seen, scaled, graph.constant(f"{name}.never", np.float32(-1e9)))
    mixed = graph.add("MatMul", graph.add("Softmax", masked, axis=-1), values)
    joined = graph.add("Reshape", graph.add("Transpose", mixed, perm=[0, 2, 1, 3]), graph.constant(f"{name}.joined", np.array([0, 0, WIDTH])))
    return graph.product(joined, f"{name}.dense", WIDTH, WIDTH, 32)


def feed_forward(graph: Graph, x: str, layer: int) -> str:
    name = f"layers.{layer}.mlp"
    wide = graph.product(x, f"{name}.dense_h_to_4h", 4 * WIDTH, WIDTH, 16)
    share = graph.add("Erf", graph.add("Mul", wide, graph.constant(f"{name}.root", np.float32(0.5**0.5))))
    half = graph.add("Mul", wide, graph.constant(f"{name}.half", np.float32(0.5)))
    active = graph.add("Add", half, graph.add("Mul", half, share))
    return graph.unpacked_product(active, f"{name}.dense_4h_to_h", WIDTH, 4 * WIDTH, 16, half=layer == 1)


def last(graph: Graph, hidden: str) -> str:
    """The last positions, as many as `num_logits_to_keep`; all of them for 0."""
    start = graph.add("Reshape", graph.add("Neg", "num_logits_to_keep"), graph.constant("one_number", np.array([1])))
    end, axis = graph.constant("end", np.array([2**62])), graph.constant("sequence_axis", np.array([1]))
    return graph.add("Slice", hidden, start, end, axis)


def language_model(seed: int):
    graph = Graph(seed)
    seen = allowed(graph, "attention_mask", "position_ids")
    places = graph.add("Gather", graph.constant("embed_positions.weight", graph.normal(POSITIONS, WIDTH, size=0.3)), "position_ids")
    hidden = graph.add("Add", embedding(graph, "input_ids"), places)
    for layer in range(LAYERS):
        mixed = attention(graph, norm(graph, hidden, f"layers.{layer}.input_layernorm"), layer, seen)
        fed = feed_forward(graph, norm(graph, hidden, f"layers.{layer}.post_attention_layernorm"), layer)
        hidden = graph.add("Add", hidden, graph.add("Add", mixed, fed))
    logits = graph.product(norm(graph, last(graph, hidden), "final_layer_norm"), "embed_out", VOCABULARY, WIDTH, 32)
    graph.add("Identity", logits, makes="logits")
    integers = lambda name, length: helper.make_tensor_value_info(name, TensorProto.INT64, ["batch_size", length])
    cache = lambda name, length: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch_size", HEADS, length, HEAD])
    kinds = [(layer, kind) for layer in range(LAYERS) for kind in ("key", "value")]
    inputs = [
        integers("input_ids", "sequence_length"),
        integers("attention_mask", "total_sequence_length"),
        integers("position_ids", "sequence_length"),
        helper.make_tensor_value_info("num_logits_to_keep", TensorProto.INT64, []),
        *(cache(f"past_key_values.{layer}.{kind}", "past_sequence_length") for layer, kind in kinds),
    ]
    outputs = [
        helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch_size", "sequence_length", VOCABULARY]),
        *(cache(f"present.{layer}.{kind}", "total_sequence_length") for layer, kind in kinds),
    ]
    return graph, inputs, outputs
