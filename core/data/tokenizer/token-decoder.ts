import { EngineError } from '../../schema/engine-error.js'
import type { TextEncoding } from './text-encoding.js'
import { tokenKind } from './vocabulary.js'

const nothing = new Uint8Array()

/** What decoding needs to know of a tokenizer. */
export interface DecoderSource {
  readonly texts: readonly string[]
  readonly kinds: Uint8Array
  readonly bosId: number | null
  readonly encoding: TextEncoding
}

/** UTF-8 bytes of one token: its own text where it is special, nothing where special tokens are left out. */
function tokenBytes(source: DecoderSource, id: number, keepSpecial: boolean): Uint8Array {
  const text = source.texts.at(id)
  if (!Number.isInteger(id) || id < 0 || text === undefined) {
    throw new EngineError('bug', {}, `token ${id} is outside the vocabulary of ${source.texts.length}`)
  }
  const kind = source.kinds[id]
  if (kind === tokenKind.userDefined) return Buffer.from(text)
  if (kind === tokenKind.control || kind === tokenKind.unknown)
    return keepSpecial ? Buffer.from(text) : nothing
  return source.encoding.bytes(id)
}

/**
 * Text of a whole sequence: the inverse of encoding, so a leading space that encoding adds is taken away again.
 * Bytes that are not UTF-8 become U+FFFD.
 */
export function decodeTokens(source: DecoderSource, ids: readonly number[], keepSpecial: boolean): string {
  const text = Buffer.concat(ids.map((id) => tokenBytes(source, id, keepSpecial))).toString('utf8')
  const first = ids.at(ids[0] === source.bosId ? 1 : 0)
  const hasAddedSpace = source.encoding.addsLeadingSpace && first !== undefined && isSpaced(source, first)
  if (!hasAddedSpace) return text
  const spaceAt = keepSpecial && ids[0] === source.bosId ? source.texts[ids[0]].length : 0
  return text.slice(0, spaceAt) + text.slice(spaceAt + 1)
}

const space = 0x20

function isSpaced(source: DecoderSource, id: number): boolean {
  return tokenBytes(source, id, false)[0] === space
}

/**
 * A decoder for text that goes on after what came before, so that every space is kept. It holds back the bytes of an
 * unfinished character. Special tokens are left out.
 */
export function streamDecoder(source: DecoderSource): (id: number) => string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  return (id) => decoder.decode(tokenBytes(source, id, false), { stream: true })
}
