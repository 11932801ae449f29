import { estimateBudget } from '../hub/budget-estimate.js'
import type { Repository } from '../hub/hub-api.js'
import type { KnownModel } from '../hub/known-models.js'
import type { Offer } from '../hub/offered-files.js'
import { formatBytes } from './format.js'

/** One offer for programs. The budget is an estimate, and null for data. */
export function offerRecord(
  { format, name, byteLength, quantization, isReadable, files }: Offer,
  budgetBytes: number,
) {
  const neededBytes = format === 'data' ? null : estimateBudget(byteLength)
  const fits = neededBytes === null ? null : neededBytes <= budgetBytes
  return { format, name, byteLength, quantization, isReadable, fileCount: files.length, neededBytes, fits }
}

/** What a repository offers, for people. */
export function offerLines(
  { name, licence, isGated, unsafeCount }: Repository,
  offers: readonly Offer[],
  budgetBytes: number,
): string[] {
  const width = Math.max(0, ...offers.map((offer) => offer.name.length))
  return [
    `${name}, licence ${licence ?? 'not stated'}${isGated ? ', needs a token and its terms accepted' : ''}`,
    ...offers.map((offer) => `  ${offer.name.padEnd(width)}  ${offerFacts(offer, budgetBytes)}`),
    ...(unsafeCount === 0 ? [] : [`  ${unsafeCount} left out: their names are no plain names everywhere`]),
  ]
}

function offerFacts(offer: Offer, budgetBytes: number): string {
  const { format, byteLength, isReadable, files } = offer
  const parts = files.length > 1 ? ` in ${files.length} files` : ''
  const size = `${formatBytes(byteLength)}${parts}`.padEnd(8)
  if (format === 'data') return size
  if (!isReadable) return `${size}  of a kind that this version does not read`
  const needed = estimateBudget(byteLength)
  const verdict = needed <= budgetBytes ? '' : `, more than the usual budget of ${formatBytes(budgetBytes)}`
  return `${size}  trains in about ${formatBytes(needed)}${verdict}`
}

/** Models to begin with, for people: what to type, and what each needs. */
export function knownLines(models: readonly KnownModel[], budgetBytes: number): string[] {
  const width = Math.max(0, ...models.map(({ repository }) => repository.length))
  return [
    'models to begin with (zerotune pull NAME):',
    ...models.map((model) => `  ${model.repository.padEnd(width)}  ${knownFacts(model, budgetBytes)}`),
  ]
}

function knownFacts({ aboutBytes, licence, tried }: KnownModel, budgetBytes: number): string {
  const trust = tried === 'model' ? '' : ', small models of its kind were tried'
  if (aboutBytes === null) return `size unknown, licence ${licence}${trust}`
  const needed = estimateBudget(aboutBytes)
  const verdict = needed <= budgetBytes ? '' : `, more than the usual budget of ${formatBytes(budgetBytes)}`
  return `about ${formatBytes(aboutBytes)}, licence ${licence}, trains in about ${formatBytes(needed)}${verdict}${trust}`
}
