import type { QuickJSContext, QuickJSHandle, QuickJSSyncVariant } from 'quickjs-emscripten-core'
import { z } from 'zod'
import type { EngineError } from '../schema/engine-error.js'
import { requestIssue } from '../schema/request-issues.js'
import type { AnswerScore } from './answer-score.js'

/** A scoring function that a person wrote. */
export interface ScoreFunction {
  readonly scoreOf: AnswerScore
  readonly close: () => void
}

const memoryLimit = 32 * 2 ** 20
/** Small enough for the interpreter to say so before the host's own stack ends. */
const stackLimit = 128 * 2 ** 10
/** What the interpreter throws. */
const thrownError = z.object({ name: z.string(), message: z.string(), stack: z.string().optional() })
/** What would make two scores of one answer differ. */
const removed = ['Date', 'performance', 'Math.random']

/**
 * Opens JavaScript that defines `score(written, right)`, a number 0 … 1, in an interpreter of its own (QuickJS in
 * WebAssembly): it has the language and nothing else, no files, no network, no modules, no clock and no chance, 32 MB and a
 * second an answer.
 *
 * @param seconds for reading the source, and for every answer
 * @throws EngineError 'request-invalid' where it cannot be read or defines no such function; of `scoreOf`, where it throws,
 *   takes too long or too much, or gives anything else
 */
export async function openScoreFunction(source: string, seconds = 1): Promise<ScoreFunction> {
  // Few runs need the interpreter, and every command would wait for it.
  const { newQuickJSWASMModuleFromVariant, shouldInterruptAfterDeadline } =
    await import('quickjs-emscripten-core')
  const { default: quickjs } = await import('@jitl/quickjs-wasmfile-release-sync')
  // Its types are those of its CommonJS build.
  const module = await newQuickJSWASMModuleFromVariant(quickjs as unknown as QuickJSSyncVariant)
  const runtime = module.newRuntime()
  runtime.setMemoryLimit(memoryLimit)
  runtime.setMaxStackSize(stackLimit)
  const context = runtime.newContext()
  const close = (): void => {
    context.dispose()
    runtime.dispose()
  }
  const evaluate = (code: string, name: string): QuickJSHandle => {
    runtime.setInterruptHandler(shouldInterruptAfterDeadline(Date.now() + 1000 * seconds))
    const result = context.evalCode(code, name)
    if (result.error === undefined) return result.value
    const thrown: unknown = context.dump(result.error)
    result.error.dispose()
    throw failure(thrown, seconds)
  }
  try {
    evaluate(removed.map((name) => `delete globalThis.${name}`).join('\n'), 'limits.js').dispose()
    evaluate(source, 'score.js').dispose()
    requireFunction(context)
  } catch (thrown) {
    close()
    throw thrown
  }
  const scoreOf: AnswerScore = (written, [right = '']) => {
    const code = `score(${JSON.stringify(written)}, ${JSON.stringify(right)})`
    const result = evaluate(code, 'answer.js')
    const value: unknown = context.dump(result)
    result.dispose()
    if (typeof value === 'number' && value >= 0 && value <= 1) return value
    throw requestIssue('function-value', { found: shown(value) })
  }
  return { scoreOf, close }
}

function requireFunction(context: QuickJSContext): void {
  const found = context.getProp(context.global, 'score')
  const kind = context.typeof(found)
  found.dispose()
  if (kind !== 'function') {
    throw requestIssue('function-none', { found: kind })
  }
}

function failure(thrown: unknown, seconds: number): EngineError<'request-invalid'> {
  const { message, name, stack = '' } = thrownError.safeParse(thrown).data ?? {}
  if (message === 'interrupted') return requestIssue('function-slow', { seconds })
  if (message === 'out of memory') {
    return requestIssue('function-large', { megabytes: memoryLimit / 2 ** 20 })
  }
  const line = /score\.js:(\d+)/.exec(stack)?.[1]
  const found = name === undefined ? shown(thrown) : `${name}: ${message}`
  return line === undefined
    ? requestIssue('function-fails', { found })
    : requestIssue('function-fails-at', { line, found })
}

function shown(value: unknown): string {
  const text = typeof value === 'number' || value === undefined ? String(value) : JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
