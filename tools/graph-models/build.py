"""Writes tiny graphs of random 4-bit weights, of kinds that Zerotune does not know, and checks that onnxruntime runs them. See README.md."""

import argparse
import json
from pathlib import Path

import onnx
import onnxruntime
from dit import diffusion_transformer
from neox import POSITIONS, language_model
from onnx import helper

CASES = {"neox": language_model, "dit": diffusion_transformer}
CONFIGS = {"neox": {"model_type": "gpt_neox", "max_position_embeddings": POSITIONS}}


def build(name: str, folder: Path, seed: int) -> None:
    graph, inputs, outputs = CASES[name](seed)
    made = helper.make_graph(graph.nodes, name, inputs, outputs, graph.initializers)
    sets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(made, opset_imports=sets, ir_version=10, producer_name="graph-models")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    # Larger tensors in a file beside the graph, the others in the graph itself.
    onnx.save(model, folder / "model.onnx", save_as_external_data=True, location="model.onnx_data", size_threshold=512)
    if name in CONFIGS:
        (folder / "config.json").write_text(json.dumps(CONFIGS[name], indent=2) + "\n")
    onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[2] / "test" / "golden" / "graphs")
    arguments = parser.parse_args()
    for seed, case in enumerate(CASES):
        build(case, arguments.out / case, seed)
        print(case, {path.name: path.stat().st_size for path in (arguments.out / case).iterdir()})
