import type { Page, WebSocketRoute } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RequestName } from '../../../electron/ipc/contract.js'
import { clientFrame, type ClientFrame, type ServerFrame } from '../../../electron/ipc/frames.js'
import { type AppBench, openAppBench } from '../../support/renderer/app-bench.js'
import { fixedAppAnswers } from '../../support/renderer/fixed-app.js'
import { fixedModelAnswers } from '../../support/renderer/fixed-models.js'

let bench: AppBench
beforeAll(async () => {
  bench = await openAppBench()
})
afterAll(() => bench.close())

const token = 'a-token-of-the-address-1'
const session = 'a-secret-of-the-session-1'

/** A host at the other end of the page's sockets: lets in whoever has the token or the session, and answers. */
async function hostSockets(page: Page) {
  const hellos: Extract<ClientFrame, { type: 'hello' }>[] = []
  const lines: WebSocketRoute[] = []
  const answers = { ...fixedAppAnswers(), ...fixedModelAnswers() }

  await page.routeWebSocket('**/socket', (line) => {
    lines.push(line)
    const send = (frame: ServerFrame) => line.send(JSON.stringify(frame))
    line.onMessage(async (message) => {
      const frame = clientFrame.parse(JSON.parse(String(message)))
      if (frame.type === 'hello') {
        hellos.push(frame)
        const isKnown = frame.token === token || frame.session === session
        if (isKnown) send({ type: 'welcome', version: 1, session })
        else send({ type: 'refused', reason: 'wrong-token' })
        return
      }
      const answer = answers[frame.name as RequestName] as (input: unknown) => unknown
      const value = await answer(frame.input)
      send({ type: 'reply', id: frame.id, reply: { ok: true, value } })
    })
  })
  return { hellos, lines }
}

describe('the bridge of the browser host', () => {
  it('spends the token of the address once, and reloads with the secret of its session', async () => {
    const { page, url } = await bench.openBare()
    const { hellos } = await hostSockets(page)
    await page.goto(`${url}#token=${token}`)
    await page.getByRole('radio', { name: /SmolLM2/ }).waitFor()
    expect(page.url()).not.toContain(token)
    expect(hellos).toEqual([{ type: 'hello', version: 1, token, session: null }])

    await page.reload()
    await page.getByRole('radio', { name: /SmolLM2/ }).waitFor()
    expect(hellos.at(-1)).toEqual({ type: 'hello', version: 1, token: null, session })
  })

  it('hears events', async () => {
    const { page, url } = await bench.openBare()
    const { lines } = await hostSockets(page)
    await page.goto(`${url}#token=${token}`)
    await page.getByText('Engine ready').waitFor()
    const payload = { state: 'busy' }
    lines.at(-1)?.send(JSON.stringify({ type: 'event', name: 'engine.changed', payload }))
    await page.getByText('Engine at work').waitFor()
  })

  it('says that the connection is lost when the host goes away, and comes back when it does', async () => {
    const { page, url } = await bench.openBare()
    const { lines } = await hostSockets(page)
    await page.goto(`${url}#token=${token}`)
    await page.getByText('Engine ready').waitFor()
    await lines.at(-1)?.close()
    await page.getByText('The connection to the program is lost.').waitFor()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('Engine ready').waitFor()
  })

  it('says so when it is not let in', async () => {
    const { page, url } = await bench.openBare()
    await hostSockets(page)
    await page.goto(`${url}#token=not-the-token-of-this-address`)
    await page.getByText('This address has been used already').waitFor()
  })
})
