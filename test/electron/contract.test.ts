import { MessageChannel } from 'node:worker_threads'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { EngineError } from '../../core/schema/engine-error.js'
import { answer } from '../../electron/ipc/answer.js'
import {
  requests,
  type Handlers,
  type Reply,
  type RequestInput,
  type RequestName,
  type RequestOutput,
} from '../../electron/ipc/contract.js'

const names = Object.keys(requests) as RequestName[]
const options = { checksOutput: true }

describe('the contract', () => {
  it('gives every request a type for what goes in and what comes out', () => {
    expectTypeOf<RequestInput<'model.open'>>().toEqualTypeOf<{ path: string }>()
    expectTypeOf<RequestOutput<'run.list'>['runs'][number]['runId']>().toEqualTypeOf<string>()
    expectTypeOf<Handlers<'engine'>>().not.toHaveProperty('settings.get')
    expectTypeOf<Handlers<'host'>>().toHaveProperty('settings.get')
  })

  it.each(names)('lets no input reach the handler of %s unchecked', async (name) => {
    for (const input of [{ bogus: true }, 'text', 42, [], undefined]) {
      if (requests[name].input.safeParse(input).success) continue
      const reply = await answerAll({ [name]: unreachable }, name, input)
      expect(reply).toMatchObject({ ok: false, error: { code: 'request-invalid' } })
    }
  })

  it('names the field that is wrong', async () => {
    const reply = await answerAll({ 'run.rename': unreachable }, 'run.rename', { runId: '../up', name: '' })
    if (reply.ok) throw new Error('expected a refusal')
    const { issues } = reply.error.details as { issues: string[] }
    expect(issues.map((issue) => issue.split(':')[0])).toEqual(['runId', 'name'])
  })

  it.each(['no.such', '__proto__', 'constructor', 'toString', 7, null])(
    'refuses the name %j',
    async (name) => {
      const reply = await answerAll({}, name, null)
      expect(reply).toMatchObject({ ok: false, error: { code: 'request-invalid' } })
    },
  )

  it('refuses a request that another process answers', async () => {
    const reply = await answerAll({ 'settings.get': unreachable }, 'model.open', { path: '/a' })
    expect(reply).toMatchObject({ ok: false, error: { code: 'request-invalid' } })
  })

  it('keeps the code and the details of a failure across a process boundary', async () => {
    const thrown = new EngineError('run-active', { runId: 'a' }, 'another run goes')
    const reply = await answerAll(
      {
        'run.list': () => {
          throw thrown
        },
      },
      'run.list',
      null,
    )
    const received = await acrossChannel(reply)
    if (received.ok) throw new Error('expected a failure')
    const rebuilt = EngineError.fromData(received.error)
    expect(rebuilt).toMatchObject({
      code: 'run-active',
      details: { runId: 'a' },
      message: 'another run goes',
    })
  })

  it('reports an answer that the contract does not allow as a bug', async () => {
    const reply = await answerAll({ 'run.list': () => ({ runs: [{ runId: 'a' }] }) }, 'run.list', null)
    expect(reply).toMatchObject({ ok: false, error: { code: 'bug' } })
  })
})

function unreachable(): never {
  throw new Error('the handler was reached')
}

function answerAll(handlers: object, name: unknown, input: unknown): Promise<Reply> {
  return answer(handlers as Handlers<'engine'>, name, input, options)
}

function acrossChannel(reply: Reply): Promise<Reply> {
  const { port1, port2 } = new MessageChannel()
  return new Promise((resolve) => {
    port2.once('message', (value: Reply) => {
      port1.close()
      resolve(value)
    })
    port1.postMessage(reply)
  })
}
