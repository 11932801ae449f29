import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, statSync, writeSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { explainFailures, writeAtomically } from '../../formats/atomic-file.js'
import { openByteSource, type ByteSource } from '../../formats/byte-source.js'

const pieceBytes = 4 * 2 ** 20
/** Configurations, tokenizers, licences and what we keep of the model that a folder came from. */
const textFile = /\.(?:json|jinja|txt|md|model|tiktoken)$|^(?:licen[cs]e|notice)|^metadata\.gguf$/i
const mostTextBytes = 64 * 2 ** 20

/** The texts of a model's folder, by their names. */
export function textFilesOf(folder: string): string[] {
  return readdirSync(folder).filter((name) => {
    const stats = statSync(join(folder, name), { throwIfNoEntry: false })
    return textFile.test(name) && stats?.isFile() === true && stats.size <= mostTextBytes
  })
}

/** Copies a file of `folder` to the same place in `target`. Throws EngineError `file-unreadable`, `file-unwritable`. */
export function copyFile(folder: string, name: string, target: string): void {
  const source = openByteSource(join(folder, name))
  try {
    const path = join(target, name)
    explainFailures(path, {}, () => mkdirSync(dirname(path), { recursive: true }))
    writeAtomically(path, { overwrite: false, byteLength: source.byteLength }, (append) => {
      for (let offset = 0; offset < source.byteLength; offset += pieceBytes) {
        append(source.read(offset, Math.min(pieceBytes, source.byteLength - offset)))
      }
    })
  } finally {
    source.close()
  }
}

/** The names in `folder` of open files. */
export function namesIn(folder: string, sources: readonly ByteSource[]): string[] {
  return sources.map(({ path }) => relative(folder, path))
}

/** Writes runs of bytes over those of a file. Throws EngineError `file-unwritable`. */
export function overwriteRuns(
  path: string,
  runs: Iterable<{ readonly offset: number; readonly bytes: Uint8Array }>,
): void {
  const explained = <T>(action: () => T): T => explainFailures(path, {}, action)
  const descriptor = explained(() => openSync(path, 'r+'))
  try {
    for (const { offset, bytes } of runs) {
      for (let done = 0; done < bytes.byteLength;) {
        done += explained(() => writeSync(descriptor, bytes, done, bytes.byteLength - done, offset + done))
      }
    }
    explained(() => fsyncSync(descriptor))
  } finally {
    closeSync(descriptor)
  }
}
