import { describe, expect, it } from 'vitest'
import { exportFinding, type ExportFinding } from '../../../electron/ipc/exports.js'
import { findingText } from '../../../renderer/src/exports/finding-text.js'
import { createFormat } from '../../../renderer/src/text/format.js'
import { createText } from '../../../renderer/src/text/i18n.js'
import { locales } from '../../../renderer/src/text/locales.js'

const findings: readonly ExportFinding[] = [
  { code: 'rebuilt', step: null },
  { code: 'rebuilt', step: 40 },
  { code: 'branches-exact', tensorCount: 14 },
  { code: 'tensors-changed', tensorCount: 210 },
  { code: 'tensors-changed-of-all', tensorCount: 210 },
  { code: 'logits-same', difference: 2e-5 },
  { code: 'losses', rowCount: 64, trained: 0.42, exported: 0.421 },
  { code: 'losses-of-type', rowCount: 64, trained: 0.42, exported: 0.431 },
  { code: 'tokens-written', tokenCount: 1 },
  { code: 'ended', tokenCount: 12 },
  { code: 'went-on', tokenCount: 256 },
  { code: 'base-goes-on' },
  { code: 'ollama-missing', command: 'ollama create x' },
  { code: 'ollama-said', words: 'success' },
]

async function tell(locale: (typeof locales)[number]): Promise<(finding: ExportFinding) => string> {
  const { global } = await createText(locale)
  return (finding) =>
    findingText(
      finding,
      (key, values = {}, count) =>
        count === undefined ? global.t(key, values) : global.t(key, values, count),
      createFormat(locale),
    )
}

describe('what a check of an export saw', () => {
  it('is one of those that are tried here', () => {
    expect(new Set(findings.map(({ code }) => code)).size).toBe(exportFinding.options.length)
  })

  it.each(locales)('is a sentence in %s with everything filled in', async (locale) => {
    const sentences = findings.map(await tell(locale))
    expect(sentences.filter((sentence) => /[{}|]|exports\.|undefined|NaN/.test(sentence))).toEqual([])
    expect(new Set(sentences).size).toBe(sentences.length)
  })

  it('counts in the language', async () => {
    const german = await tell('de')
    expect(german({ code: 'losses', rowCount: 64, trained: 0.42, exported: 0.421 })).toBe(
      '64 Zeilen: Verlust 0,42000 nach dem Training, 0,42100 aus der Datei.',
    )
    expect(german({ code: 'ended', tokenCount: 1 })).toBe('Nach 1 Token.')
  })
})
