import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findPageFile } from '../../electron/host/page-file.js'
import { answerPage } from '../../electron/main/page-protocol.js'
import { temporaryFolder } from '../support/temporary-folder.js'

describe("the page's files", () => {
  it('are those of the bundle', () => {
    const { page } = bundle()
    expect(findPageFile(page, '/')?.path).toBe(join(page, 'index.html'))
    expect(findPageFile(page, '/assets/index-a1_B.js')?.contentType).toMatch(/^text\/javascript/)
  })

  it.each([
    '/../secret.json',
    '/..%2fsecret.json',
    '/%2e%2e/secret.json',
    '/assets/..%5c..%5csecret.json',
    '//etc/passwd',
    '/assets/link.json',
    '/index.html%00.js',
    '/.hidden.json',
    '/assets/',
    '/assets',
    '/%zz',
    '/program.exe',
    '/missing.js',
  ])('do not include %s', (path) => {
    expect(findPageFile(bundle().page, path)).toBeNull()
  })

  it('come to the window with the content policy, from its own address only', async () => {
    const { page } = bundle()
    const found = await answerPage(page, new Request('app://zerotune/index.html'))
    expect(found.status).toBe(200)
    expect(found.headers.get('content-security-policy')).toMatch(/default-src 'none'/)
    expect((await answerPage(page, new Request('app://other/index.html'))).status).toBe(403)
    expect((await answerPage(page, new Request('app://zerotune/none.js'))).status).toBe(404)
    expect((await answerPage(page, new Request('app://zerotune/', { method: 'POST' }))).status).toBe(403)
  })
})

function bundle(): { page: string } {
  const folder = temporaryFolder()
  const page = join(folder, 'page')
  mkdirSync(join(page, 'assets'), { recursive: true })
  for (const file of ['index.html', 'assets/index-a1_B.js', '.hidden.json', 'program.exe']) {
    writeFileSync(join(page, file), 'x')
  }
  writeFileSync(join(folder, 'secret.json'), '{}')
  symlinkSync(join(folder, 'secret.json'), join(page, 'assets', 'link.json'))
  return { page }
}
