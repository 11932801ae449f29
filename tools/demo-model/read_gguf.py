"""Reads a demo GGUF back into PyTorch, its weights dequantized."""

from pathlib import Path

import torch
from gguf import GGUFReader, quants
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from model import Model, Shape
from tokenizer import SPECIAL


def read_gguf(path: Path) -> tuple[Model, Tokenizer]:
    """The model with the weights that the file really holds, and its tokenizer."""
    reader = GGUFReader(path)

    def field(name: str):
        return reader.fields[name].contents()

    tokens: list[str] = field("tokenizer.ggml.tokens")
    shape = Shape(
        vocabulary=len(tokens),
        layers=field("llama.block_count"),
        width=field("llama.embedding_length"),
        heads=field("llama.attention.head_count"),
        kv_heads=field("llama.attention.head_count_kv"),
        feed_forward=field("llama.feed_forward_length"),
        context=field("llama.context_length"),
        rope_base=field("llama.rope.freq_base"),
        norm_epsilon=field("llama.attention.layer_norm_rms_epsilon"),
    )
    model = Model(shape)
    state = {t.name: torch.tensor(quants.dequantize(t.data, t.tensor_type)) for t in reader.tensors}
    model.load_state_dict(state)
    merges = [tuple(merge.split(" ")) for merge in field("tokenizer.ggml.merges")]
    tokenizer = Tokenizer(models.BPE({token: id for id, token in enumerate(tokens)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(list(SPECIAL))
    return model.eval(), tokenizer
