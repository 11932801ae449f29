import { join } from 'node:path'
import type { TableBlockLength } from '../../core/formats/table-blocks.js'
import type { Rounding } from '../../core/quantization/encode-rows.js'
import type { IntegerBits, IntegerGrid, IntegerQuantizer } from '../../core/quantization/integer-quantizer.js'
import { figuresOf, type ConversionFigures } from './conversion-figures.js'
import { fromFloats, toFolder } from './from-floats.js'

export interface IntegerResult extends ConversionFigures, IntegerQuantizer {
  /** On the beginning of WikiText-2's test part. */
  readonly perplexity: number
}

/** Of SmolLM2 with linears of integers in blocks, and its token table in half floats. */
export interface IntegersResult {
  readonly basePerplexity: number
  readonly results: readonly IntegerResult[]
}

const cases: readonly (readonly [IntegerBits, TableBlockLength, IntegerGrid, Rounding])[] = [
  [8, 64, 'symmetric', 'nearest'],
  [4, 16, 'signed', 'search'],
  [4, 32, 'signed', 'search'],
  [4, 64, 'symmetric', 'nearest'],
  [4, 64, 'signed', 'nearest'],
  [4, 64, 'signed', 'search'],
  [4, 64, 'asymmetric', 'nearest'],
  [4, 64, 'asymmetric', 'search'],
  [3, 16, 'asymmetric', 'search'],
  [3, 32, 'asymmetric', 'search'],
  [2, 16, 'asymmetric', 'search'],
  [2, 32, 'asymmetric', 'search'],
]

/** Writes SmolLM2's linears, from half floats, as integers in blocks, and measures its perplexity. */
export function measureIntegers(report: (line: string) => void): Promise<IntegersResult> {
  return fromFloats(report, async ({ folder, path, perplexityOfMade }) => {
    const results: IntegerResult[] = []
    for (const [bits, blockLength, grid, rounding] of cases) {
      const target = join(folder, 'made')
      const flags = ['int', String(blockLength), target, String(bits), grid, rounding]
      const figures = figuresOf([toFolder, path, ...flags])
      const perplexity = await perplexityOfMade(target)
      report(`${bits} bits of ${blockLength}, ${grid}, ${rounding}: perplexity ${perplexity.toFixed(3)}`)
      results.push({ bits, blockLength, grid, rounding, perplexity, ...figures })
    }
    return results
  })
}
