import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const timeLimitMs = 10 * 60_000
const keptCharacters = 2000

/** The program `ollama`, where it is installed. */
export function findOllama(searchPath: string | undefined): string | null {
  const name = process.platform === 'win32' ? 'ollama.exe' : 'ollama'
  const folders = (searchPath ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null
}

/** What came of giving a model to Ollama. */
export interface OllamaResult {
  readonly isDone: boolean
  /** Its last words. */
  readonly words: string
}

/** Runs `ollama create`: Ollama copies the file into its own store. @param signal ends it */
export function createInOllama(
  program: string,
  name: string,
  modelfilePath: string,
  signal: AbortSignal,
): Promise<OllamaResult> {
  return new Promise((resolve) => {
    let words = ''
    const child = spawn(program, ['create', name, '-f', modelfilePath], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeLimitMs,
      signal,
    })
    const listen = (bytes: Buffer): void => {
      words = `${words}${bytes.toString()}`.slice(-keptCharacters)
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    child.on('error', (error) => resolve({ isDone: false, words: error.message }))
    child.on('close', (code) => resolve({ isDone: code === 0, words: words.trim() }))
  })
}
