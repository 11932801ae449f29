import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CalibratedRounding } from '../../core/export/calibrated/round-layers.js'
import type { GgufType } from '../../core/schema/gguf-type.js'
import type { Rounding } from '../../core/quantization/encode-rows.js'
import { sharedFiles } from '../sst2.js'
import { perplexityOf, wikiText } from '../wikitext.js'
import { figuresOf, type ConversionFigures } from './conversion-figures.js'

const program = fileURLToPath(new URL('./convert-once.js', import.meta.url))

export interface QuantizerResult extends ConversionFigures {
  readonly type: GgufType
  readonly rounding: Rounding | CalibratedRounding
  /** On the beginning of WikiText-2's test part. */
  readonly perplexity: number
}

/** Of SmolLM2 as it is, and in each type from its float values. */
export interface QuantizersResult {
  readonly basePerplexity: number
  readonly results: readonly QuantizerResult[]
}

const cases: readonly (readonly [GgufType, QuantizerResult['rounding']])[] = [
  ['q4_0', 'nearest'],
  ['q4_0', 'search'],
  ['q4_0', 'gptq'],
  ['q4_0', 'awq'],
  ['q4_0', 'awq-gptq'],
  ['q4_1', 'nearest'],
  ['q4_1', 'search'],
  ['q4_1', 'gptq'],
  ['q4_1', 'awq'],
  ['q4_k', 'search'],
  ['q5_0', 'nearest'],
  ['q5_0', 'search'],
  ['q6_k', 'search'],
  ['q8_0', 'nearest'],
]

/**
 * Writes SmolLM2 in each type, and measures its perplexity; what it reads for that is WikiText-2's validation part. Its values are half floats first: in the file they are Q4_1, whose own
 * type would copy them, and finds nearly all of them again.
 */
export async function measureQuantizers(report: (line: string) => void): Promise<QuantizersResult> {
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-quantizers-'))
  try {
    const { model } = sharedFiles()
    const { train, test } = wikiText(folder)
    const floats = join(folder, 'f16.gguf')
    execFileSync(process.execPath, [program, model, 'f16', 'search', floats])
    const basePerplexity = (await perplexityOf(floats, test)).perplexity
    report(`half floats: perplexity ${basePerplexity.toFixed(3)}`)
    const results: QuantizerResult[] = []
    for (const [type, rounding] of cases) {
      const target = join(folder, 'made.gguf')
      const figures = figuresOf([program, floats, type, rounding, target, train])
      const { perplexity } = await perplexityOf(target, test)
      rmSync(target)
      report(`${type} by ${rounding}: perplexity ${perplexity.toFixed(3)}, ${figures.seconds.toFixed(1)} s`)
      results.push({ type, rounding, perplexity, ...figures })
    }
    return { basePerplexity, results }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
