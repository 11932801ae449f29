import type { EngineError } from '../schema/engine-error.js'

/** Flags that every command takes. */
export interface OutputOptions {
  readonly json?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
}

/** Where a command writes: text for people, or one JSON object a line for programs. */
export class Output {
  readonly isJson: boolean
  readonly #options: OutputOptions
  #liveLength = 0

  constructor(options: OutputOptions) {
    this.#options = options
    this.isJson = options.json === true
  }

  /** True where a line can be rewritten in place. */
  get isLive(): boolean {
    return process.stdout.isTTY && !this.isJson && this.#options.quiet !== true
  }

  /** A line for people; nothing with --json or --quiet. Takes the place of a live line. */
  say(line: string): void {
    if (this.isJson || this.#options.quiet === true) return
    this.#clearLive()
    process.stdout.write(`${line}\n`)
  }

  /** Text as it comes, without a line end; nothing with --json or --quiet. */
  stream(text: string): void {
    if (this.isJson || this.#options.quiet === true) return
    this.#clearLive()
    process.stdout.write(text)
  }

  /** One JSON object, with --json only. */
  emit(value: unknown): void {
    if (this.isJson) process.stdout.write(`${JSON.stringify(value)}\n`)
  }

  /** Rewrites the last line, on a terminal only. */
  live(line: string): void {
    if (!this.isLive) return
    const width = process.stdout.columns
    const shown = line.length < width ? line : line.slice(0, width - 1)
    process.stdout.write(`\r${shown.padEnd(this.#liveLength)}`)
    this.#liveLength = shown.length
  }

  /** A result that programs read and people see: JSON with --json, otherwise the lines. */
  result(value: unknown, lines: readonly string[]): void {
    this.emit(value)
    for (const line of lines) this.say(line)
  }

  /** A failure: one sentence on the error stream; its origin with --verbose. */
  fail(error: EngineError): void {
    this.#clearLive()
    if (this.isJson) this.emit({ error: error.toData() })
    process.stderr.write(`zerotune: ${error.message} [${error.code}]\n`)
    if (this.#options.verbose === true) {
      process.stderr.write(`${error.stack ?? ''}\n`)
      if (error.cause instanceof Error) process.stderr.write(`caused by ${error.cause.stack ?? ''}\n`)
    }
  }

  #clearLive(): void {
    if (this.#liveLength > 0) process.stdout.write(`\r${' '.repeat(this.#liveLength)}\r`)
    this.#liveLength = 0
  }
}
