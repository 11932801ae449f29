import { trainingBatches } from '../data/batches.js'
import type { SequenceExample } from '../data/example.js'
import { hashData } from '../data/hash-data.js'
import { loadDataset } from '../data/load-dataset.js'
import { deriveSeed, hashName } from '../random/derive-seed.js'
import { shuffledIndices } from '../random/shuffle.js'
import type { RowReader } from './row-reader.js'

/** Other text, on which a model that is trained should stay as its base is. */
export interface KeptText {
  readonly path: string
  /** Of the file. */
  readonly sha256: string
  /** Windows of it. */
  readonly examples: readonly SequenceExample[]
}

const windowTokens = 128
/** Windows of a step. */
const windowsPerStep = 4
/** Of a window's tokens, the share that is compared with the base: comparing one costs three times the output matrix. */
const chosenShare = 0.25

/** Tokens of a step that run through the blocks, and those that are compared, at most. */
export const keptTokensPerStep = windowsPerStep * windowTokens

/**
 * Reads the text file whose lines a run should stay close to its base on. Lines that are too short to say anything are left
 * out.
 *
 * @throws EngineError of `loadDataset`
 */
export function openKeptText(path: string, { tokenizer, model }: RowReader): KeptText {
  const { dataset } = loadDataset({
    path,
    task: { version: 1, kind: 'text', text: '{text}' },
    tokenizer,
    contextLength: model.description.contextLength,
    windowTokens,
    purpose: 'evaluate',
    skipBadRows: true,
  })
  return {
    path,
    sha256: hashData(path),
    examples: dataset.examples.filter((example) => example.kind === 'sequence'),
  }
}

/** The windows of a step, with the tokens that are compared with the base chosen at random: a pure function of the step. */
export function keptBatches(
  { examples }: KeptText,
  seed: number,
): { at(step: number): readonly SequenceExample[] } {
  const ofText = deriveSeed(seed, hashName('kept text'))
  const batches = trainingBatches(examples, Math.min(windowsPerStep, examples.length), ofText)
  return {
    at: (step) =>
      batches.at(step).map((example, index) => chooseTokens(example, deriveSeed(ofText, step, index))),
  }
}

/** The same sequence with some of its scored tokens only, one at least. */
function chooseTokens(example: SequenceExample, seed: number): SequenceExample {
  const { tokens, line } = example
  const count = Math.ceil(chosenShare * (tokens.length - 1))
  const scored = new Uint8Array(tokens.length)
  for (const position of shuffledIndices(tokens.length - 1, seed).subarray(0, count)) scored[position + 1] = 1
  return { kind: 'sequence', tokens, scored, line }
}
