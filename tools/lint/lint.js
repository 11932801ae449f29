import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

/**
 * Lints the tests beside all else, in two processes. ESLint's own workers take files in turn, so that each of them works out
 * the types of everything; here each does so for its half, which takes half of the processor time.
 */
const cache = (name) => ['--cache', '--cache-location', `node_modules/.cache/eslint/${name}`]
const halves = [
  ['test', ...cache('test')],
  ['.', '--ignore-pattern', 'test/**', ...cache('rest')],
]
const codes = await Promise.all(halves.map((parameters) => run('eslint/bin/eslint.js', parameters)))
const formatting = await run('prettier/bin/prettier.cjs', ['--check', '.', '--cache', '--log-level', 'warn'])
process.exitCode = Math.max(...codes, formatting)

/** The exit code of a package's program; one that a signal ends counts as failed. */
function run(program, parameters) {
  const path = resolve(import.meta.dirname, '../../node_modules', program)
  const child = spawn(process.execPath, [path, ...parameters], { stdio: 'inherit' })
  return new Promise((settle) => {
    child.on('close', (code) => settle(code ?? 1))
  })
}
