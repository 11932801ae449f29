import type { ExportFinding } from '../../../electron/ipc/exports.js'
import type { Format } from '../text/format.js'
import type { Translate } from '../text/use-text.js'

/** What a check of an export saw, in a sentence. */
export function findingText(finding: ExportFinding, t: Translate, format: Format): string {
  const counted = (count: number, values: Readonly<Record<string, string>> = {}): string =>
    t(`exports.finding.${finding.code}`, { count: format.count(count), ...values }, count)
  switch (finding.code) {
    case 'rebuilt':
      return finding.step === null
        ? t('exports.finding.rebuilt')
        : t('exports.finding.rebuiltStep', { step: format.count(finding.step) })
    case 'branches-exact':
    case 'tensors-changed':
    case 'tensors-changed-of-all':
      return counted(finding.tensorCount)
    case 'logits-same':
      return t('exports.finding.logits-same', { difference: format.plain(finding.difference) })
    case 'losses':
    case 'losses-of-type': {
      const { rowCount, trained, exported } = finding
      return counted(rowCount, { trained: format.decimal(trained, 5), exported: format.decimal(exported, 5) })
    }
    case 'tokens-written':
    case 'ended':
    case 'went-on':
      return counted(finding.tokenCount)
    case 'base-goes-on':
      return t('exports.finding.base-goes-on')
    case 'ollama-missing':
      return t('exports.finding.ollama-missing', { command: finding.command })
    case 'ollama-said':
      return t('exports.finding.ollama-said', { words: finding.words })
  }
}
