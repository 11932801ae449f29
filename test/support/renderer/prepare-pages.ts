import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import chromium from '@sparticuz/chromium'
import { build } from 'vite'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the renderer is as it ships. */
    readonly pageFolder: string
  }
}

/**
 * What the tests of pages share, made before any of them: the page, built once; and the browser, which its package unpacks
 * where it is first asked for, so that two workers at once would break it.
 */
export default async function preparePages(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-page-'))
  if (process.platform === 'linux' && process.arch === 'x64') await chromium.executablePath()
  await build({
    configFile: resolve(import.meta.dirname, '../../../renderer/vite.config.ts'),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true },
  })
  project.provide('pageFolder', folder)
  return () => rmSync(folder, { recursive: true, force: true })
}
