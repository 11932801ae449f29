import { isUtf8 } from 'node:buffer'

/**
 * How bytes stand for characters. `ascii`: no other bytes were seen at the start, so each later line is UTF-8 where it can be,
 * and Windows-1252 (which contains Latin-1) where it cannot.
 */
export type Encoding = 'ascii' | 'utf-8' | 'windows-1252' | 'utf-16le' | 'utf-16be'

/** An encoding, and the bytes of its mark at the start of the file. */
export interface FoundEncoding {
  readonly encoding: Encoding
  readonly markBytes: number
}

const newline = 0x0a
/** What most characters of European text in UTF-16 have: one zero byte of two. */
const zeroShare = 0.3

/**
 * The encoding of a text file by its first bytes: by its mark, by the zero bytes of UTF-16, or by whether more of its lines
 * beyond ASCII are UTF-8 or not. Null where the bytes are no text.
 */
export function detectEncoding(sample: Uint8Array): FoundEncoding | null {
  const [first, second, third] = sample
  if (first === 0xef && second === 0xbb && third === 0xbf) return { encoding: 'utf-8', markBytes: 3 }
  if (first === 0xff && second === 0xfe) return { encoding: 'utf-16le', markBytes: 2 }
  if (first === 0xfe && second === 0xff) return { encoding: 'utf-16be', markBytes: 2 }
  const zeros = [0, 0]
  sample.forEach((byte, index) => {
    if (byte === 0) zeros[index % 2]++
  })
  const pairs = sample.length / 2
  if (zeros[0] === 0 && zeros[1] > zeroShare * pairs) return { encoding: 'utf-16le', markBytes: 0 }
  if (zeros[1] === 0 && zeros[0] > zeroShare * pairs) return { encoding: 'utf-16be', markBytes: 0 }
  if (zeros[0] + zeros[1] > 0) return null
  return { encoding: byLines(sample), markBytes: 0 }
}

/** Text of bytes; undefined where they are not in the encoding. */
export function decodeText(bytes: Buffer, encoding: Encoding): string | undefined {
  switch (encoding) {
    case 'utf-8':
      return isUtf8(bytes) ? bytes.toString('utf8') : undefined
    case 'ascii':
      return isUtf8(bytes) ? bytes.toString('utf8') : decodeWindows1252(bytes)
    case 'windows-1252':
      return decodeWindows1252(bytes)
    case 'utf-16le':
      return bytes.length % 2 === 0 ? bytes.toString('utf16le') : undefined
    case 'utf-16be':
      return bytes.length % 2 === 0 ? Buffer.from(bytes).swap16().toString('utf16le') : undefined
  }
}

function byLines(sample: Uint8Array): Encoding {
  let utf8 = 0
  let other = 0
  for (let start = 0; start < sample.length;) {
    const end = sample.indexOf(newline, start)
    // A line that the sample cuts may end within a character.
    if (end < 0 && start > 0) break
    const line = sample.subarray(start, end < 0 ? lastWholeCharacter(sample) : end)
    if (line.some((byte) => byte > 0x7f)) {
      if (isUtf8(line)) utf8++
      else other++
    }
    start = end < 0 ? sample.length : end + 1
  }
  if (utf8 === 0 && other === 0) return 'ascii'
  return utf8 >= other ? 'utf-8' : 'windows-1252'
}

/** The end of the last character that is not cut, if the bytes are UTF-8. */
function lastWholeCharacter(bytes: Uint8Array): number {
  for (let back = 1; back <= 4 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      return back < needed ? bytes.length - back : bytes.length
    }
    if (byte < 0x80) break
  }
  return bytes.length
}

/** 0x80 … 0x9f, where Windows-1252 is not Latin-1. Source: WHATWG Encoding Standard, index windows-1252. */
const windowsCharacters = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'

function decodeWindows1252(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replace(/[\u0080-\u009f]/g, (character) => windowsCharacters.charAt(character.charCodeAt(0) - 0x80))
}
