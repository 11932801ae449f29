"""Continues prompts greedily with onnxruntime-genai, by the folder's own configuration.

Usage: genai-generate.py FOLDER NEW_TOKENS, prompts as a JSON list on standard input. Prints a JSON list of
{"prompt": ids, "tokens": ids, "text": text}, the tokens without the prompt.
"""

import json
import sys

import onnxruntime_genai as og

folder, new_tokens = sys.argv[1], int(sys.argv[2])
model = og.Model(folder)
tokenizer = og.Tokenizer(model)
results = []
for prompt in json.load(sys.stdin):
    ids = [int(token) for token in tokenizer.encode(prompt)]
    parameters = og.GeneratorParams(model)
    parameters.set_search_options(max_length=len(ids) + new_tokens)
    generator = og.Generator(model, parameters)
    generator.append_tokens(ids)
    while not generator.is_done():
        generator.generate_next_token()
    tokens = [int(token) for token in generator.get_sequence(0)][len(ids):]
    results.append({"prompt": ids, "tokens": tokens, "text": tokenizer.decode(tokens)})
json.dump(results, sys.stdout)
