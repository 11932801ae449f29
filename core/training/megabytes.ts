/** A size in a message. */
export function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`
}
