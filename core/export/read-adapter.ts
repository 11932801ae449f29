import { readFileSync, statSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import {
  adapterManifest,
  adapterState,
  adapterStep,
  adapterVersion,
  type AdapterManifest,
} from '../schema/adapter.js'
import { EngineError } from '../schema/engine-error.js'
import type { Adapter } from './adapter.js'

/** Bounds on what is read: a million steps of the default recipe have 30 MB, and 200 MB unpacked. */
const largestFileBytes = 256 * 2 ** 20
const largestTextBytes = 512 * 2 ** 20 - 1024

/**
 * Reads an adapter file.
 *
 * @throws EngineError 'file-unreadable', 'adapter-invalid', 'version-newer'
 */
export function readAdapter(path: string): Adapter {
  const [first, ...rest] = unpack(path).trimEnd().split('\n')
  const manifest = readManifest(path, parseJson(path, 1, first))
  const { recipe, start } = manifest.job
  if (recipe.estimator === 'gradients' || start !== null) {
    const line = adapterState.safeParse(parseJson(path, 2, rest.at(0) ?? 'null'))
    if (!line.success || rest.length !== 1)
      throw invalid(path, 'line 2', 'expected the trained state and no more')
    return {
      manifest,
      content: { kind: 'state', state: new Uint8Array(Buffer.from(line.data.state, 'base64')) },
    }
  }
  const steps = rest.map((line, index) => {
    const step = adapterStep.safeParse(parseJson(path, index + 2, line))
    if (step.success) return step.data
    throw invalid(path, `line ${index + 2}`, 'expected a seed and moves')
  })
  if (steps.length === manifest.steps) return { manifest, content: { kind: 'steps', steps } }
  throw invalid(path, 'the steps', `expected ${manifest.steps} of them, found ${steps.length}`)
}

function readManifest(path: string, value: unknown): AdapterManifest {
  const found = adapterManifest.pick({ format: true }).loose().safeParse(value)
  if (!found.success) throw invalid(path, 'line 1', 'expected the manifest of an adapter')
  const version = found.data['version']
  if (typeof version === 'number' && version > adapterVersion) {
    throw new EngineError(
      'version-newer',
      { path, found: version, supported: adapterVersion },
      `'${path}' was written by a newer Zerotune (adapter version ${version}; this one reads ${adapterVersion})`,
    )
  }
  const manifest = adapterManifest.safeParse(value)
  if (manifest.success) return manifest.data
  const where = manifest.error.issues.map((issue) => issue.path.join('.')).join(', ')
  throw invalid(path, `line 1 (${where})`, 'expected the manifest of an adapter')
}

function unpack(path: string): string {
  let packed: Buffer
  try {
    const { size } = statSync(path)
    if (size > largestFileBytes)
      throw invalid(path, 'the whole file', `expected up to ${largestFileBytes} bytes`)
    packed = readFileSync(path)
  } catch (thrown) {
    if (thrown instanceof EngineError) throw thrown
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw new EngineError('file-unreadable', { path }, `Cannot read '${path}': ${reason}`, { cause: thrown })
  }
  try {
    return gunzipSync(packed, { maxOutputLength: largestTextBytes }).toString('utf8')
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw invalid(path, 'the whole file', `expected gzip of JSON lines (${reason})`)
  }
}

function parseJson(path: string, line: number, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalid(path, `line ${line}`, 'expected JSON')
  }
}

function invalid(path: string, where: string, reason: string): EngineError {
  return new EngineError('adapter-invalid', { path, where }, `'${path}' is no adapter: ${where}: ${reason}`)
}
