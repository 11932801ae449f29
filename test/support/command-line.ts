import { vi } from 'vitest'
import { main } from '../../core/cli/main.js'

/** What a command left behind. */
export interface CommandOutcome {
  readonly status: number
  readonly output: string
  readonly errors: string
  /** Each line of the output as JSON. */
  json(): unknown[]
}

/** Runs `zerotune` with these arguments in this process. */
export async function runCommand(...args: readonly string[]): Promise<CommandOutcome> {
  const written = { output: '', errors: '' }
  const keep =
    (name: keyof typeof written) =>
    (text: string | Uint8Array): boolean => {
      written[name] += String(text)
      return true
    }
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(keep('output')),
    vi.spyOn(process.stderr, 'write').mockImplementation(keep('errors')),
  ]
  try {
    const status = await main(args)
    const json = (): unknown[] =>
      written.output
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown)
    return { status, ...written, json }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}
