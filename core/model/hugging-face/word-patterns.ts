const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
const before = '[^\\r\\n\\p{L}\\p{N}]?'

/** How Llama 3 and Qwen 2 cut text into words, as their tokenizer.json spells it. */
export function plainWords(digits: string): string {
  const rest = ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+'
  return `${contractions}|${before}\\p{L}+|${digits}|${rest}`
}

/** How GPT-4o and Tekken do: a word is upper case first and then lower case, and a contraction may end it. */
export function casedWords(digits: string, hasContractions: boolean): string {
  const [upper, lower] = ['[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]', '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]']
  const word = (letters: string): string => `${before}${letters}${hasContractions ? `${contractions}?` : ''}`
  const rest = ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+'
  return `${word(`${upper}*${lower}+`)}|${word(`${upper}+${lower}*`)}|${digits}|${rest}`
}
