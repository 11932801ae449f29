import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { _electron as electron, type ElectronApplication, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { electronProgram } from '../../support/electron-program.js'
import { openLlamaJudge } from '../../support/llama-judge.js'
import { axeViolations } from '../../support/renderer/axe.js'
import { walkWizard } from '../../support/renderer/walk-wizard.js'

const root = resolve(import.meta.dirname, '../../..')
const program = electronProgram()

describe.skipIf(program === null)(
  'the wizard in Electron (needs node node_modules/electron/install.js)',
  () => {
    let folder: string
    let app: ElectronApplication
    let page: Page
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'zerotune-electron-'))
      execFileSync('npm', ['run', 'build:electron'], { cwd: root, shell: true })
      app = await electron.launch({
        executablePath: program ?? '',
        args: [root, `--user-data-dir=${folder}`, '--lang=en-GB'],
      })
      page = await app.firstWindow()
      await page.getByRole('main').waitFor()
    })
    afterAll(async () => {
      await app.close()
      rmSync(folder, { recursive: true, force: true })
    })

    it('leads from the example to a GGUF that llama.cpp opens', async () => {
      await walkWizard(page, 'Mine')
      expect(await axeViolations(page)).toEqual([])
      const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      const file = names.find((name) => name.endsWith('.gguf'))
      const judge = await openLlamaJudge(join(folder, file ?? ''))
      expect(await judge.mostLikely([1, 5, 9])).toHaveLength(3)
      await judge.close()
    })

    it('gives its page no power, and keeps it where it is', async () => {
      const found = await page.evaluate(async () => ({
        globals: ['require', 'process', 'module', 'ipcRenderer'].filter((name) => name in window),
        bridge: Object.keys(window.bridge ?? {}).toSorted(),
        opened: window.open('https://example.com/') === null,
        permission: await Notification.requestPermission(),
      }))
      expect(found).toEqual({
        globals: [],
        bridge: ['listen', 'pathOf', 'request'],
        opened: true,
        permission: 'denied',
      })
      const before = page.url()
      await page.evaluate(() => (location.href = 'https://example.com/'))
      await page.waitForTimeout(500)
      expect(page.url()).toBe(before)
    })

    it('starts once: a second start ends by itself', () => {
      execFileSync(program ?? '', [root, `--user-data-dir=${folder}`], { timeout: 30_000 })
      expect(app.windows()).toHaveLength(1)
    })
  },
)
