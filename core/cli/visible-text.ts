/** A text without control characters, which would change the terminal. */
export function visibleText(text: string): string {
  return Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0
    const isControl = (code < 0x20 && character !== '\n') || (code >= 0x7f && code < 0xa0)
    return isControl ? `\\u${code.toString(16).padStart(4, '0')}` : character
  }).join('')
}
