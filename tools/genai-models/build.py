"""Writes tiny models with the model builder of onnxruntime-genai, in 4 bits, for the CPU. See README.md."""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from tokenizers import Tokenizer, models
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedTokenizerFast

VOCABULARY = 64

# The builder takes every linear with as many outputs as there are tokens for the output matrix, so no other has that many.
SIZES = dict(
    hidden_size=32,
    intermediate_size=96,
    num_hidden_layers=2,
    num_attention_heads=2,
    num_key_value_heads=1,
    vocab_size=VOCABULARY,
    max_position_embeddings=32,
    bos_token_id=1,
    eos_token_id=2,
    pad_token_id=2,
    tie_word_embeddings=False,
)

# Name of the folder: settings of the model, its precision, and options of the builder.
CASES = {
    "llama": (dict(model_type="llama", head_dim=16, rms_norm_eps=1e-5), "int4", dict(accuracy_level=1, block_size=32)),
    "qwen3": (
        dict(model_type="qwen3", head_dim=16, rms_norm_eps=1e-6, num_hidden_layers=1),
        "int4",
        dict(accuracy_level=1, block_size=16, is_symmetric="false"),
    ),
    "qwen2-qdq": (
        dict(model_type="qwen2", rms_norm_eps=1e-6, num_hidden_layers=1),
        "int4",
        dict(block_size=16, use_qdq="true", is_symmetric="false"),
    ),
    "phi3-k-quant": (
        dict(model_type="phi3", rms_norm_eps=1e-5, num_key_value_heads=2, num_hidden_layers=1, original_max_position_embeddings=32),
        "int4",
        dict(accuracy_level=1, block_size=16, algo_config="k_quant"),
    ),
    "llama-shared": (
        dict(model_type="llama", head_dim=16, rms_norm_eps=1e-5, num_hidden_layers=1, tie_word_embeddings=True),
        "int4",
        dict(accuracy_level=1, block_size=32, op_types_to_quantize="MatMul/Gather", shared_embeddings="true"),
    ),
    "mistral-float": (
        dict(
            model_type="mistral",
            head_dim=16,
            hidden_size=16,
            intermediate_size=48,
            rms_norm_eps=1e-5,
            num_hidden_layers=1,
            sliding_window=None,
        ),
        "fp32",
        dict(),
    ),
}

KEPT = ("model.onnx", "model.onnx.data", "genai_config.json")


def tokenizer() -> PreTrainedTokenizerFast:
    words = {f"w{number}": number for number in range(VOCABULARY)}
    return PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel(words, unk_token="w0")))


def random_model(settings: dict, seed: int):
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(**{**SIZES, **settings}))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("norm.weight"):
                parameter.copy_(1 + 0.2 * torch.randn_like(parameter))
            elif name.endswith("bias"):
                parameter.copy_(0.1 * torch.randn_like(parameter))
            else:
                parameter.copy_(0.15 * torch.randn_like(parameter))
    return model.float()


def build(name: str, target: Path, seed: int) -> None:
    settings, precision, options = CASES[name]
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder, "source"), Path(folder, "output")
        random_model(settings, seed).save_pretrained(source)
        tokenizer().save_pretrained(source)
        command = [sys.executable, "-m", "onnxruntime_genai.models.builder", "-i", source, "-o", output]
        command += ["-p", precision, "-e", "cpu", "-c", Path(folder, "cache")]
        if options:
            command += ["--extra_options", *(f"{key}={value}" for key, value in options.items())]
        subprocess.run(command, check=True)
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for file in KEPT:
            shutil.copy(output / file, target / file)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", default=list(CASES))
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[2] / "test" / "golden" / "genai")
    arguments = parser.parse_args()
    for case in arguments.cases:
        build(case, arguments.out / case, seed=list(CASES).index(case))
        sizes = {file: (arguments.out / case / file).stat().st_size for file in KEPT}
        print(case, json.dumps(sizes))
