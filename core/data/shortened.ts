/** Text of at most so many characters, an ellipsis where something was cut. */
export function shortened(text: string, characters: number): string {
  return text.length > characters ? `${text.slice(0, characters)}…` : text
}
