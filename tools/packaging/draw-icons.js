import chromium from '@sparticuz/chromium'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { chromium as browsers } from 'playwright-core'
import { icnsFile, icoFile } from './icon-files.js'

/** Draws the program's icon for each system from the page's own, `renderer/public/icon.svg`. */
const root = resolve(import.meta.dirname, '../..')
const target = join(root, 'resources/packaging')
const drawing = readFileSync(join(root, 'renderer/public/icon.svg'), 'utf8')

/** Icons of macOS stand in a margin, and have its corners: 824 of 1,024 pixels. */
const macShare = 824 / 1024

const browser = await browsers.launch({
  executablePath: await chromium.executablePath(),
  args: ['--no-sandbox', '--disable-gpu'],
})
const page = await browser.newPage()

/** @param {number} size @param {number} share of the width that the drawing has */
async function draw(size, share) {
  const width = size * share
  await page.setViewportSize({ width: size, height: size })
  await page.setContent(
    `<style>body { margin: 0; display: grid; place-items: center; height: ${size}px }
    svg { width: ${width}px; height: ${width}px }</style>${drawing}`,
  )
  return { size, png: await page.screenshot({ omitBackground: true }) }
}

/** @param {readonly number[]} sizes */
async function drawAll(sizes, share = 1) {
  const icons = []
  for (const size of sizes) icons.push(await draw(size, share))
  return icons
}

mkdirSync(join(target, 'icons'), { recursive: true })
for (const { size, png } of await drawAll([16, 24, 32, 48, 64, 128, 256, 512])) {
  writeFileSync(join(target, 'icons', `${size}x${size}.png`), png)
}
writeFileSync(join(target, 'icon.ico'), icoFile(await drawAll([16, 24, 32, 48, 64, 128, 256])))
writeFileSync(join(target, 'icon.icns'), icnsFile(await drawAll([16, 32, 64, 128, 256, 512, 1024], macShare)))
await browser.close()
