/** Gives up what is left of an answer, without waiting for it. */
export function dropBody(body: Pick<ReadableStream, 'cancel'> | null): void {
  body?.cancel().catch(() => undefined)
}
