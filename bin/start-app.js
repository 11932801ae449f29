#!/usr/bin/env node
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createRequire } from 'node:module'

/** Builds the app and opens it in Electron; where its binary is missing, says how to get it and what works without it. */
const program = electronProgram()
if (program === null) {
  console.error(
    [
      "Electron's binary is not here (npm installs it unless scripts are switched off).",
      '  Get it:           node node_modules/electron/install.js && npm start',
      '  Or in a browser:  npm run web',
    ].join('\n'),
  )
  process.exitCode = 1
} else {
  const root = join(import.meta.dirname, '..')
  const { status } = spawnSync('npm', ['run', 'build:electron'], { cwd: root, stdio: 'inherit', shell: true })
  if (status !== 0) process.exit(status ?? 1)
  const child = spawn(program, [root, ...process.argv.slice(2)], { stdio: 'inherit' })
  child.on('exit', (code) => {
    process.exitCode = code ?? 1
  })
}

/** Without asking the package itself, which would begin a download. */
function electronProgram() {
  const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'))
  const pathFile = join(folder, 'path.txt')
  if (!existsSync(pathFile)) return null
  const path = join(folder, 'dist', readFileSync(pathFile, 'utf8'))
  return existsSync(path) ? path : null
}
