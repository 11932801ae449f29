import { InvalidArgumentError } from 'commander'
import { linearNames, type LinearName } from '../model/description.js'
import { featureFormat } from '../schema/feature-format.js'
import { layerFreeze, type LayerFreeze } from '../schema/layer-freeze.js'

/** A whole number of at least `minimum`, and at most `maximum` where that is said. */
export function integer(minimum: number, maximum?: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= minimum && value <= (maximum ?? 0xffffffff)) return value
    throw new InvalidArgumentError(
      `Expected a whole number from ${minimum}${maximum === undefined ? '' : ` to ${maximum}`}.`,
    )
  }
}

/** A number above 0. */
export function positiveNumber(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError('Expected a number above 0.')
}

/** A number from 0. */
export function nonNegativeNumber(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value
  throw new InvalidArgumentError('Expected a number from 0.')
}

/** A share above 0, up to 1. */
export function share(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value > 0 && value <= 1) return value
  throw new InvalidArgumentError('Expected a number above 0 and up to 1.')
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['\\n', '\n'],
  ['\\t', '\t'],
  ['\\\\', '\\'],
])

/** Text in which `\n`, `\t` and `\\` stand for a new line, a tab and a backslash; any other backslash is one. */
export function escapedText(text: string): string {
  return text.replace(/\\[nt\\]/g, (escape) => escapes.get(escape) ?? escape)
}

/** A range of layers, both ends included: `15-29`, or one layer; `auto`: chosen by probing. */
export function layerRange(text: string): readonly [number, number] | 'auto' {
  if (text === 'auto') return text
  const match = /^(\d+)(?:-(\d+))?$/.exec(text)
  if (match === null) throw new InvalidArgumentError('Expected auto, or layers such as 15-29.')
  return [Number(match[1]), Number(match.at(2) ?? match[1])]
}

/** From which steps on which layers stay as they are: `200:10` or `200:10:int8`, several with commas between. */
export function layerFreezes(text: string): readonly LayerFreeze[] {
  return text.split(',').map((part) => {
    const match = /^(\d+):(\d+)(?::(\w+))?$/.exec(part.trim())
    const freeze = layerFreeze.safeParse({
      step: Number(match?.[1]),
      layer: Number(match?.[2]),
      featureFormat: match?.at(3) ?? null,
    })
    if (freeze.success) return freeze.data
    throw new InvalidArgumentError(
      `Expected steps and the first layer that still moves, such as 200:10, after a further colon ${featureFormat.options.join(', ')}.`,
    )
  })
}

/** Linears by their names in a file, with commas between; `all` for every one. */
export function linears(text: string): readonly LinearName[] {
  if (text === 'all') return linearNames
  const names = text.split(',').map((name) => name.trim())
  const found = linearNames.filter((name) => names.includes(name))
  if (names.every((name) => found.some((linear) => linear === name))) return found
  throw new InvalidArgumentError(`Expected all, or some of ${linearNames.join(',')}.`)
}

/** Bits of a code. */
export function codeBits(text: string): 2 | 4 {
  if (text === '2') return 2
  if (text === '4') return 4
  throw new InvalidArgumentError('Expected 2 or 4.')
}

/** Bytes such as `500MB` or `2GB`; decimal units. */
export function memorySize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kMGT]?)i?B?$/i.exec(text)
  if (match === null) throw new InvalidArgumentError('Expected a size such as 500MB or 2GB.')
  const power = ['', 'k', 'm', 'g', 't'].indexOf(match[2].toLowerCase())
  return Math.round(Number(match[1]) * 1000 ** power)
}
