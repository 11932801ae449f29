/** The model file that a start of the app names, by a double click or from a terminal; null where it names none. */
export function modelArgument(args: readonly string[]): string | null {
  return args.slice(1).find((argument) => /\.gguf$/i.test(argument) && !argument.startsWith('-')) ?? null
}
