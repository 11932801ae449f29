import type { Command } from 'commander'
import { openByteSource } from '../formats/byte-source.js'
import { readGguf } from '../formats/gguf/read-gguf.js'
import { summarizeModel } from '../model/summary.js'
import type { ModelSummary } from '../schema/model-summary.js'
import { modelCard } from './model-card.js'
import { Output, type OutputOptions } from './output.js'
import { withOutputOptions } from './shared-options.js'

/** `zerotune inspect`. */
export function addInspectCommand(program: Command): void {
  const command = program
    .command('inspect')
    .description('say what a model file holds and whether it can be trained')
    .argument('<model>', 'GGUF file')
  withOutputOptions(command).action((path: string, options: OutputOptions) => {
    const summary = inspect(path)
    new Output(options).result(summary, modelCard(summary))
  })
}

/** Reads a model's header and sums it up. */
export function inspect(path: string): ModelSummary {
  const source = openByteSource(path)
  try {
    return summarizeModel(readGguf(source), source)
  } finally {
    source.close()
  }
}
