import chromium from '@sparticuz/chromium'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chromium as browsers } from 'playwright-core'
import { openBrowserHost } from '../../dist/electron/web/browser-host.js'
import { walk } from './walk.js'

/**
 * Walks through the app with SmolLM2 and SST-2, on the built app (`npm run build:app`), and takes the pictures of docs/app.md at
 * every step, in both themes. The figures in them are those of this machine.
 */
const root = resolve(import.meta.dirname, '../..')
const shared = process.env.ZEROTUNE_SHARED ?? resolve(root, '../shared')
const target = join(root, 'docs/app')
const modelName = 'SmolLM2-135M-Instruct.Q4_1.gguf'
/** So many rows of each file, so that the walk takes minutes. */
const rowCounts = { 'train.tsv': 1000, 'dev.tsv': 100 }
const largestBytes = 60e3
/** Themes change, charts draw and dialogs open within this. */
const settleMs = 700
const longestWaitMs = 15 * 60_000

const home = makeHome()
rmSync(target, { recursive: true, force: true })
mkdirSync(target, { recursive: true })
const host = await openBrowserHost({
  port: 0,
  pageFolder: join(root, 'dist/renderer'),
  enginePath: join(root, 'dist/electron/engine/index.js'),
  environment: { ...process.env, ZEROTUNE_HOME: join(home, 'zerotune') },
  platform: process.platform,
  homeFolder: home,
  checksOutput: false,
})
const browser = await browsers.launch({
  executablePath: await chromium.executablePath(),
  args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none'],
})
try {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' })
  const page = await context.newPage()
  page.setDefaultTimeout(longestWaitMs)
  const tools = await context.newCDPSession(page)
  await page.goto(host.address)
  await walk(page, modelName, (name) => take(page, tools, name))
} finally {
  await browser.close()
  await host.close()
  rmSync(home, { recursive: true, force: true })
}

/** A person's folder with the model and the start of the rows. */
function makeHome() {
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-pictures-'))
  mkdirSync(join(folder, 'models'))
  mkdirSync(join(folder, 'sst2'))
  copyFileSync(join(shared, 'models', modelName), join(folder, 'models', modelName))
  for (const [name, count] of Object.entries(rowCounts)) {
    const lines = readFileSync(join(shared, 'data/sst2', name), 'utf8').split('\n')
    writeFileSync(join(folder, 'sst2', name), `${lines.slice(0, count + 1).join('\n')}\n`)
  }
  return folder
}

/** The picture of what is shown now, in both themes, as small as it has to be. */
async function take(page, tools, name) {
  await page.mouse.move(0, 0)
  await page.evaluate(() => document.activeElement?.blur())
  for (const theme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    await page.waitForTimeout(settleMs)
    for (let quality = 90; ; quality -= 10) {
      const { data } = await tools.send('Page.captureScreenshot', { format: 'webp', quality })
      const bytes = Buffer.from(data, 'base64')
      if (bytes.length > largestBytes && quality > 10) continue
      writeFileSync(join(target, `${name}-${theme}.webp`), bytes)
      console.log(`${name}-${theme}.webp ${bytes.length} bytes, quality ${quality}`)
      break
    }
  }
}
