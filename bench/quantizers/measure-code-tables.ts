import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { TableBlockLength } from '../../core/formats/table-blocks.js'
import type { TableQuantizerName } from '../../core/quantization/code-tables/table-quantizer.js'
import { figuresOf, type ConversionFigures } from './conversion-figures.js'
import { fromFloats, toFile, toFolder } from './from-floats.js'
import { withHalfTables } from './with-half-tables.js'

export interface CodeTableResult extends ConversionFigures {
  readonly name: string
  readonly blockLength: number
  /** Of a linear's weight with its share of a scale, outliers aside. */
  readonly bits: number
  /** On the beginning of WikiText-2's test part. */
  readonly perplexity: number
}

/** Of SmolLM2 with linears in 4 bits, each in its own way, and its token table in half floats. */
export interface CodeTablesResult {
  readonly basePerplexity: number
  readonly results: readonly CodeTableResult[]
}

/** Types of GGUF to compare with: scales, and minima of Q4_1, are half floats of 32 weights. */
const ggufCases = [
  ['q4_0', 'nearest', 4.5],
  ['q4_0', 'search', 4.5],
  ['q4_1', 'nearest', 5],
] as const

const tableCases: readonly (readonly [TableQuantizerName, TableBlockLength])[] = ([64, 32] as const).flatMap(
  (length) => (['nf4', 'bof4', 'bof4-s', 'bof4-s-opq'] as const).map((name) => [name, length] as const),
)

/** Writes SmolLM2's linears, from half floats, as codes of each table, and measures its perplexity. */
export function measureCodeTables(report: (line: string) => void): Promise<CodeTablesResult> {
  return fromFloats(report, async ({ folder, path, perplexityOfMade }) => {
    const results: CodeTableResult[] = []
    const measure = async (
      about: Pick<CodeTableResult, 'name' | 'blockLength' | 'bits'>,
      target: string,
      figures: ConversionFigures,
    ): Promise<void> => {
      const perplexity = await perplexityOfMade(target)
      report(`${about.name} of ${about.blockLength}: perplexity ${perplexity.toFixed(3)}`)
      results.push({ ...about, perplexity, ...figures })
    }
    for (const [type, rounding, bits] of ggufCases) {
      const [made, target] = [join(folder, 'made.gguf'), join(folder, 'half-tables.gguf')]
      const figures = figuresOf([toFile, path, type, rounding, made])
      withHalfTables(made, path, target)
      rmSync(made)
      await measure({ name: `${type}, ${rounding}`, blockLength: 32, bits }, target, figures)
    }
    for (const [name, blockLength] of tableCases) {
      const target = join(folder, 'made')
      const figures = figuresOf([toFolder, path, name, String(blockLength), target])
      await measure({ name, blockLength, bits: 4 + 32 / blockLength }, target, figures)
    }
    return results
  })
}
