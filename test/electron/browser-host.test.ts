import { request } from 'node:http'
import { describe, expect, it } from 'vitest'
import { isEngineBuilt, openTestHost } from '../support/open-host.js'
import { PageClient } from '../support/page-client.js'

describe.skipIf(!isEngineBuilt)('the browser host (npm run build)', () => {
  it('serves the page with the content policy, to this computer by name', async () => {
    const { address } = await openTestHost()
    const response = await fetch(address)
    expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'/)
    expect(await response.text()).toMatch(/<title>page/)
    expect(await statusOf(address, '/', { Host: 'evil.example' })).toBe(403)
    expect(await statusOf(address, '/..%2f..%2fetc/passwd', {})).toBe(404)
    expect(await statusOf(address, '/', {}, 'POST')).toBe(405)
  })

  it('lets no page in from another origin, or by another name', async () => {
    const { address } = await openTestHost()
    await expect(PageClient.open(address, { origin: 'http://evil.example' })).rejects.toThrow('403')
    await expect(PageClient.open(address, { host: 'evil.example' })).rejects.toThrow('403')
  })

  it('lets one window in: a wrong token and a second window are told so', async () => {
    const { address } = await openTestHost()
    await expect(PageClient.open(address, { token: 'x'.repeat(32) })).rejects.toThrow('wrong-token')
    const first = await PageClient.open(address)
    expect(await first.ask('app.describe', null)).toMatchObject({ host: 'browser', canPickFiles: false })
    await expect(PageClient.open(address)).rejects.toThrow('session-elsewhere')
    expect((await first.ask('settings.get', null)).theme).toBe('system')
  })

  it('goes on after a reload; of two windows of one session the newest has it', async () => {
    const { address } = await openTestHost()
    const first = await PageClient.open(address)
    const second = await PageClient.open(address, { token: null, session: first.session })
    expect(await first.closed).toBe('session-elsewhere')
    expect(second.session).toBe(first.session)
    await second.ask('app.describe', null)
  })

  it('closes the line on frames that are none, and answers requests that are none', async () => {
    const { address } = await openTestHost()
    const page = await PageClient.open(address)
    for (const name of ['no.such', '__proto__']) {
      page.send({ type: 'request', id: 900, name, input: null })
    }
    expect(await page.reply('model.open', { path: 7 })).toMatchObject({
      ok: false,
      error: { code: 'request-invalid' },
    })
    page.send('{"type":"request"')
    expect(await page.closed).toBe('malformed')
    const again = await PageClient.open(address, { token: null, session: page.session })
    again.send({ type: 'request', id: 'one', name: 'run.list', input: null })
    expect(await again.closed).toBe('malformed')
  })

  it('keeps settings and what the page remembers across a restart', async () => {
    const { address } = await openTestHost()
    const page = await PageClient.open(address)
    expect(await page.ask('settings.change', { theme: 'dark' })).toMatchObject({
      theme: 'dark',
      language: null,
    })
    await page.ask('wizard.save', { state: { step: 2, nested: [1, null] } })
    expect(await page.ask('wizard.load', null)).toEqual({ state: { step: 2, nested: [1, null] } })
    const long = await page.reply('wizard.save', { state: 'x'.repeat(1_000_001) })
    expect(long).toMatchObject({ ok: false, error: { code: 'request-invalid' } })
  })
})

function statusOf(
  address: string,
  path: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<number> {
  const { hostname, port } = new URL(address)
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, method, headers }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })
}
