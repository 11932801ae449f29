import { EngineError } from '../schema/engine-error.js'
import { openByteSource } from './byte-source.js'

/**
 * The value of a JSON file.
 *
 * @throws EngineError `file-unreadable`; `model-malformed` for a file that is larger, or no JSON
 */
export function readJsonFile(path: string, mostBytes: number): unknown {
  const source = openByteSource(path)
  try {
    if (source.byteLength > mostBytes) {
      throw malformed(path, `expected up to ${mostBytes} bytes, found ${source.byteLength}`)
    }
    const text = new TextDecoder().decode(source.read(0, source.byteLength))
    return JSON.parse(text) as unknown
  } catch (thrown) {
    if (thrown instanceof SyntaxError) throw malformed(path, `expected JSON: ${thrown.message}`)
    throw thrown
  } finally {
    source.close()
  }
}

function malformed(path: string, reason: string): EngineError {
  const where = 'the whole file'
  return new EngineError('model-malformed', { path, where }, `'${path}': ${where}: ${reason}`)
}
