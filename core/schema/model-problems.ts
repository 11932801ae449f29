import { sentences, type SentenceValues } from './sentences.js'

/**
 * What a model file has that this version cannot run, what it lacks to be trained, and where in it something is wrong. The
 * longer phrases come first, because a text is the first that it fits.
 */
const texts = {
  architecture: "the architecture '{name}'",
  'model-type': "model type '{name}'",
  'several-files': 'several files',
  experts: 'a mixture of experts',
  'later-tokens': 'attention to later tokens',
  'parallel-parts': 'parts of a block beside each other',
  window: 'a window of {count} positions',
  'other-windows': 'windows in other layers',
  'other-rotation': 'rotation in other layers',
  'value-width': 'keys of width {count} with values of {total}',
  'differing-layers': "'{name}' that differs between layers",
  'rotated-share': 'rotation of {count} of {total} dimensions of a head',
  'yarn-multiplier': 'a yarn log multiplier',
  'rope-scaling': "rope scaling '{name}'",
  'rope-factors': 'rope frequency factors of 0 or less',
  'tensor-shape': "a tensor '{name}' of shape [{shape}]",
  tensor: "a tensor '{name}'",
  'tensor-type-in': "tensor type {type} (in '{name}')",
  'tensor-type': 'tensor type {type}',
  'tensor-bytes': "{count} bytes in '{name}'",
  'tensor-heads': "{count} rows in '{name}', which are not whole heads of {total}",
  'packed-weights': "packed weights of '{name}'",
  'odd-scale': "a scale {value} of type {type}, which no half float is, in '{name}'",
  'packed-layout': "{name} weights in the layout '{layout}' of {type}",
  'packed-bits': 'weights of {bits} bits by {name}',
  'onnx-blocks': "blocks of {count} in {total} columns of '{name}'",
  'onnx-layout': "a layout of '{name}' that this version does not know",
  'onnx-order': "columns of '{name}' in an order of their own",
  'onnx-operator': "{count} times the operator '{name}'",
  'onnx-attribute': "attribute {key} = {value}, in '{name}'",
  'no-genai-config': 'no genai_config.json beside its graph',
  'own-graph': 'an architecture that runs by its own graph only, on the command line',
  'graph-input': "an input '{name}' of its graph",
  'graph-output': 'a graph that gives no floats',
  'onnx-interleaved': "heads of '{name}' whose neighbours rotate together",
  'quantized-weights': 'weights quantized by {name}',
  'other-table': "codes of another table than {name}'s",
  'big-endian': 'big-endian GGUF',
  'gguf-version': 'GGUF version {count}',
  tokenizer: "tokenizer '{name}'",
  'pre-tokenizer': "pre-tokenizer '{name}'",
  'word-cutting': 'a way of cutting text into words that this version does not know',
  'no-codes': 'quantization-aware training needs linears of a 4-bit type (Q4_0 or Q4_1)',
  'no-whole-codes':
    'none of these linears is of a type whose codes can be trained (Q4_0, Q4_1, Q4_K or Q8_0)',
  'no-minima': 'the blocks of this file have no minima to train; a Q4_1 file has them, Q4_0 and Q8_0 do not',
  'no-scales': 'none of the linears in layers {first}-{last} is quantized, so they have no block scales',
  'nothing-to-train': 'the model has nothing of what this recipe trains',
  'at-metadata': "metadata '{name}'",
  'at-tensor': "tensor '{name}'",
  'at-magic': 'magic',
  'at-version': 'version',
  'at-header': 'header',
} as const

/** Names a phrase of this table. */
export type ModelProblemCode = keyof typeof texts
const numbers: ReadonlySet<string> = new Set(['count', 'total', 'first', 'last'])
const table = sentences<ModelProblemCode>(texts, numbers)

/** The phrases by their codes. */
export const modelProblemTexts = table.texts
/** A phrase about a model, in English. */
export const modelProblem = (code: ModelProblemCode, values: SentenceValues = {}): string =>
  table.say(code, values)
/** Which phrase a text is; null where it is none of these. */
export const readModelProblem = table.read
