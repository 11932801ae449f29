import type { Page, WebSocketRoute } from 'playwright-core'
import type { Reply, RequestName } from '../../../electron/ipc/contract.js'
import type { ClientFrame, ServerFrame } from '../../../electron/ipc/frames.js'
import { engineProcess } from '../engine-process.js'

/** Numbers of the test's own requests; a page never gets so far. */
const firstOwnId = 1_000_000

/** Stands in a page's line to its host: can stop the engine at a request of the page, and ask over the line itself. */
export class RequestGate {
  #server: WebSocketRoute | null = null
  #awaited: { readonly name: RequestName; readonly arrived: () => void } | null = null
  #nextId = firstOwnId
  readonly #waiting = new Map<number, (reply: Reply) => void>()

  /** Reloads the page to get into its line. */
  static async open(page: Page): Promise<RequestGate> {
    const gate = new RequestGate()
    await page.routeWebSocket('**/socket', (line) => gate.#join(line))
    await page.reload()
    await page.getByText('Engine ready').waitFor()
    return gate
  }

  /**
   * The engine gets this request, which the page makes because of `act`, only after `meanwhile`: however fast the machine,
   * the page is seen while it waits, and what it asks then comes to the engine in its order.
   */
  async holdAt(name: RequestName, act: () => Promise<void>, meanwhile: () => Promise<void>): Promise<void> {
    const pid = engineProcess()
    const arrival = new Promise<void>((arrived) => {
      const stop = (): void => {
        process.kill(pid, 'SIGSTOP')
        arrived()
      }
      this.#awaited = { name, arrived: stop }
    })
    try {
      await act()
      await arrival
      await meanwhile()
      // Answered by the host alone, and after what the page sent before: that has gone on to the engine by now.
      await this.ask('settings.get', null)
    } finally {
      this.#awaited = null
      process.kill(pid, 'SIGCONT')
    }
  }

  /** Asks anything, as a page that was let in could. */
  ask(name: string, input: unknown): Promise<Reply> {
    const id = this.#nextId++
    const reply = new Promise<Reply>((settle) => this.#waiting.set(id, settle))
    this.#server?.send(JSON.stringify({ type: 'request', id, name, input }))
    return reply
  }

  #join(line: WebSocketRoute): void {
    const server = line.connectToServer()
    this.#server = server
    line.onMessage((message) => {
      const frame = JSON.parse(String(message)) as ClientFrame
      if (frame.type === 'request' && frame.name === this.#awaited?.name) this.#awaited.arrived()
      server.send(message)
    })
    server.onMessage((message) => {
      const frame = JSON.parse(String(message)) as ServerFrame
      const settle = frame.type === 'reply' ? this.#waiting.get(frame.id) : undefined
      if (frame.type !== 'reply' || settle === undefined) line.send(message)
      else settle(frame.reply)
    })
  }
}
