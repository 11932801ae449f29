/**
 * The character that stands for each byte in a byte-level vocabulary: printable Latin-1 stands for itself, the other 68
 * bytes for U+0100 and up, in order.
 *
 * Source: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners" (GPT-2), encoder.py.
 */
export const byteCharacters: readonly string[] = listByteCharacters()

const bytesByCharacter: ReadonlyMap<string, number> = new Map(
  byteCharacters.map((character, byte) => [character, byte]),
)

/** UTF-8 bytes that a byte-level token stands for; a character that stands for no byte is taken as it is. */
export function byteLevelBytes(token: string): Uint8Array {
  const bytes: number[] = []
  for (const character of token) {
    const byte = bytesByCharacter.get(character)
    if (byte === undefined) bytes.push(...new TextEncoder().encode(character))
    else bytes.push(byte)
  }
  return Uint8Array.from(bytes)
}

function listByteCharacters(): string[] {
  let stand = 0x100
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad)
    return String.fromCharCode(isPrintable ? byte : stand++)
  })
}
