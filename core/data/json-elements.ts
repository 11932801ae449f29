const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const newline = 0x0a

/** One value of a list in JSON, or of values written one after the other. */
export interface JsonElement {
  /** Null where it is longer than the limit. */
  readonly bytes: Buffer | null
  readonly byteLength: number
  /** False where the file ends within it. */
  readonly isWhole: boolean
  /** Where it starts, in bytes. */
  readonly offset: number
  /** Line where it starts, counted from where reading began. */
  readonly linesBefore: number
}

/**
 * Cuts bytes of JSON into the values of a list, holding one value at a time. Nothing is checked but quotes and brackets; the
 * list ends at its closing bracket, or with the file.
 *
 * @param start offset of the first byte
 */
export function* jsonElements(
  chunks: Iterable<Buffer>,
  start: number,
  limitBytes: number,
): Generator<JsonElement> {
  let offset = start
  let lines = 0
  let depth = 0
  let isInString = false
  let isEscaped = false
  let open: { offset: number; linesBefore: number; byteLength: number; parts: Buffer[] } | null = null
  const add = (bytes: Buffer): void => {
    if (open === null) return
    open.byteLength += bytes.length
    if (open.byteLength <= limitBytes) open.parts.push(Buffer.from(bytes))
    else open.parts = []
  }
  const finish = (isWhole: boolean): JsonElement[] => {
    if (open === null) return []
    const { parts, ...element } = open
    open = null
    depth = 0
    isInString = isEscaped = false
    const bytes = element.byteLength > limitBytes ? null : Buffer.concat(parts)
    return [{ ...element, bytes, isWhole }]
  }
  for (const chunk of chunks) {
    let from = 0
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]
      if (byte === newline) lines++
      if (isInString) {
        if (isEscaped) isEscaped = false
        else if (byte === backslash) isEscaped = true
        else if (byte === quote) isInString = false
        continue
      }
      const isSeparator = byte === comma || isSpace(byte)
      if (open === null) {
        if (isSeparator) continue
        if (byte === closeBracket) return
        open = { offset: offset + at, linesBefore: lines, byteLength: 0, parts: [] }
        from = at
      } else if (depth === 0 && (isSeparator || byte === closeBracket)) {
        add(chunk.subarray(from, at))
        yield* finish(true)
        if (byte === closeBracket) return
        continue
      }
      if (byte === quote) isInString = true
      else if (byte === openBrace || byte === openBracket) depth++
      else if (byte === closeBrace || byte === closeBracket) {
        depth = Math.max(0, depth - 1)
        if (depth === 0) {
          add(chunk.subarray(from, at + 1))
          yield* finish(true)
        }
      }
    }
    add(chunk.subarray(from))
    offset += chunk.length
  }
  yield* finish(depth === 0 && !isInString)
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === newline || byte === 0x0d || byte === 0x09
}
