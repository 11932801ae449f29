import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sharedFiles } from '../sst2.js'
import { perplexityOf, wikiText } from '../wikitext.js'

const programOf = (name: string): string => fileURLToPath(new URL(`./${name}.js`, import.meta.url))

/** Programs that write a model once, so that their memory and time are their own. */
export const [toFile, toFolder] = ['convert-once', 'convert-to-folder-once'].map(programOf)

/** SmolLM2 in half floats, and where models that are made from it can lie. */
export interface FloatModel {
  readonly folder: string
  readonly path: string
  /** Perplexity on the beginning of WikiText-2's test part; the model is removed. */
  readonly perplexityOfMade: (model: string) => Promise<number>
}

/** What `measure` finds about models made from half floats, beside the perplexity of these. */
export async function fromFloats<T>(
  report: (line: string) => void,
  measure: (floats: FloatModel) => Promise<readonly T[]>,
): Promise<{ readonly basePerplexity: number; readonly results: readonly T[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-floats-'))
  try {
    const { test } = wikiText(folder)
    const path = join(folder, 'f16.gguf')
    execFileSync(process.execPath, [toFile, sharedFiles().model, 'f16', 'search', path])
    const basePerplexity = (await perplexityOf(path, test)).perplexity
    report(`half floats: perplexity ${basePerplexity.toFixed(3)}`)
    const perplexityOfMade = async (model: string): Promise<number> => {
      const { perplexity } = await perplexityOf(model, test)
      rmSync(model, { recursive: true })
      return perplexity
    }
    return { basePerplexity, results: await measure({ folder, path, perplexityOfMade }) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
