import type { EnteringValues, FloatBlock, FloatBlockRunner } from '../../engine/float-block-runner.js'
import type { ModelDescription } from '../../model/description.js'
import type { HiddenStates } from '../calibrated/hidden-states.js'
import { isAmong, type Samples } from './samples.js'

/** Normed hidden states that R1 is learned from and judged by, of all layers together. */
const residualSamples = 16_384
/** Tokens whose values each R2 is learned from and judged by; every head that reads them gives a vector. */
const valueTokens = 1024

/** Where samples go. */
export interface LayerSamples {
  readonly residual: Samples
  /** Of each head of values. */
  readonly values: readonly Samples[]
}

/** What enters a block's linears at some tokens, evenly spread over the rows. @param tokenCount of all rows */
export async function sampleLayer(
  runner: FloatBlockRunner,
  layer: number,
  block: FloatBlock,
  states: HiddenStates,
  model: ModelDescription,
  tokenCount: number,
  samples: LayerSamples,
): Promise<void> {
  const ofNorms = Math.ceil(residualSamples / (2 * model.layerCount))
  let token = 0
  for (let run = 0; run < states.runCount; run++) {
    const hidden = states.take(run)
    const entering = await runner.entering(layer, block, hidden)
    for (let at = 0; at < hidden.batch * hidden.sequence; at++, token++) {
      if (isAmong(token, ofNorms, tokenCount)) addStates(entering, at, model, samples.residual)
      if (isAmong(token, valueTokens, tokenCount)) addValues(entering, at, model, samples.values)
    }
  }
}

function addStates(
  entering: EnteringValues,
  token: number,
  { width }: ModelDescription,
  residual: Samples,
): void {
  for (const group of ['attn_q', 'ffn_gate'] as const) {
    residual.add(entering[group].subarray(token * width, (token + 1) * width))
  }
}

function addValues(
  entering: EnteringValues,
  token: number,
  { headCount, kvHeadCount, headWidth }: ModelDescription,
  values: readonly Samples[],
): void {
  for (let head = 0; head < headCount; head++) {
    const start = (token * headCount + head) * headWidth
    const ofHead = entering.attn_output.subarray(start, start + headWidth)
    values[Math.floor((head * kvHeadCount) / headCount)].add(ofHead)
  }
}
