import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TableBlockLength } from '../../core/formats/table-blocks.js'
import type { TableQuantizerName } from '../../core/quantization/code-tables/table-quantizer.js'
import { sharedFiles } from '../sst2.js'
import { perplexityOf, wikiText } from '../wikitext.js'
import { figuresOf, type ConversionFigures } from './conversion-figures.js'
import { withHalfTables } from './with-half-tables.js'

const programOf = (name: string): string => fileURLToPath(new URL(`./${name}.js`, import.meta.url))
const [toFile, toFolder] = ['convert-once', 'convert-to-folder-once'].map(programOf)

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
export async function measureCodeTables(report: (line: string) => void): Promise<CodeTablesResult> {
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-tables-'))
  try {
    const { test } = wikiText(folder)
    const floats = join(folder, 'f16.gguf')
    execFileSync(process.execPath, [toFile, sharedFiles().model, 'f16', 'search', floats])
    const basePerplexity = (await perplexityOf(floats, test)).perplexity
    report(`half floats: perplexity ${basePerplexity.toFixed(3)}`)
    const results: CodeTableResult[] = []
    const measure = async (
      about: Pick<CodeTableResult, 'name' | 'blockLength' | 'bits'>,
      target: string,
      figures: ConversionFigures,
    ): Promise<void> => {
      const { perplexity } = await perplexityOf(target, test)
      rmSync(target, { recursive: true })
      report(`${about.name} of ${about.blockLength}: perplexity ${perplexity.toFixed(3)}`)
      results.push({ ...about, perplexity, ...figures })
    }
    for (const [type, rounding, bits] of ggufCases) {
      const [made, target] = [join(folder, 'made.gguf'), join(folder, 'half-tables.gguf')]
      const figures = figuresOf([toFile, floats, type, rounding, made])
      withHalfTables(made, floats, target)
      rmSync(made)
      await measure({ name: `${type}, ${rounding}`, blockLength: 32, bits }, target, figures)
    }
    for (const [name, blockLength] of tableCases) {
      const target = join(folder, 'made')
      const figures = figuresOf([toFolder, floats, name, String(blockLength), target])
      await measure({ name, blockLength, bits: 4 + 32 / blockLength }, target, figures)
    }
    return { basePerplexity, results }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
