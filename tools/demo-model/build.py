"""Makes resources/demo from nothing: the data set, the corpus, the tokenizer, the model, the GGUF file."""

import argparse
from pathlib import Path

import torch

from corpus import CorpusWriter
from dataset import write_dataset
from model import Shape
from pretrain import pack, pretrain
from quantize import quantize
from tokenizer import train_tokenizer
from write_gguf import write_gguf

DATA_SEED, CORPUS_SEED, MODEL_SEED = 7, 1, 1
DOCUMENTS = 24_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[2] / "resources" / "demo")
    parser.add_argument("--steps", type=int, default=700)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)

    withheld = write_dataset(options.out, DATA_SEED)
    documents = CorpusWriter(CORPUS_SEED, withheld).documents(DOCUMENTS)
    shape = Shape()
    tokenizer = train_tokenizer(documents, shape.vocabulary)
    ids = pack(documents, tokenizer)
    print(f"{len(documents)} documents, {len(ids)} tokens", flush=True)
    model = pretrain(shape, ids, options.steps, MODEL_SEED)
    path = options.out / "zerotune-demo.Q4_1.gguf"
    write_gguf(path, shape, tokenizer, quantize(model))
    print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
