import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { runCommand, type CommandOutcome } from '../../support/command-line.js'
import { temporaryFolder } from '../../support/temporary-folder.js'
import { writeTinyGguf, type TinyModel } from '../../support/tiny-gguf.js'

const stdin = Object.getOwnPropertyDescriptor(process, 'stdin') ?? {}
afterEach(() => void Object.defineProperty(process, 'stdin', stdin))

/** Talks with a tiny model, a message a line. */
function chat(
  lines: readonly string[],
  flags: readonly string[] = [],
  model: Partial<TinyModel> = {},
): Promise<CommandOutcome> {
  const path = join(temporaryFolder(), 'tiny.gguf')
  writeTinyGguf(path, model)
  Object.defineProperty(process, 'stdin', { ...stdin, get: () => Readable.from(`${lines.join('\n')}\n`) })
  return runCommand('chat', path, '--max-tokens', '4', '--temperature', '0', '--threads', '1', ...flags)
}

describe('zerotune chat', () => {
  it('answers each message until the end of the input, knowing what was said', async () => {
    const twice = (await chat(['hello', 'hello'], ['--json'])).json() as { text: string; tokens: number }[]
    expect(twice).toHaveLength(2)
    const [first] = (await chat(['hello'], ['--json'])).json() as { text: string }[]
    expect(twice[0].text).toBe(first.text)
    expect(twice[1].text).not.toBe(first.text)
  })

  it('forgets with /reset and ends with /exit', async () => {
    const answers = (await chat(['hello', '/reset', 'hello', '/exit', 'hello'], ['--json'])).json()
    expect(answers).toHaveLength(2)
    expect(answers[0]).toEqual(answers[1])
  })

  it('goes on after a conversation that no longer fits', async () => {
    const { output, status } = await chat(['tea and milk '.repeat(30), 'hello'])
    expect(status).toBe(0)
    expect(output).toMatch(/^\(the prompt has \d+ tokens[^\n]*\/reset begins afresh\)\n[^\n]/)
  })

  it('refuses a model without a chat template', async () => {
    const metadata = { 'tokenizer.chat_template': undefined }
    const { status, errors } = await chat(['hello'], [], { metadata })
    expect(status).toBe(2)
    expect(errors).toMatch(/\[template-invalid\]\n$/)
  })
})
