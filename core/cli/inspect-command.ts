import type { Command } from 'commander'
import { inspectAnyModel } from '../engine/inspect-any-model.js'
import { modelCard } from './model-card.js'
import { Output, type OutputOptions } from './output.js'
import { withOutputOptions } from './shared-options.js'

/** `zerotune inspect`. */
export function addInspectCommand(program: Command): void {
  const command = program
    .command('inspect')
    .description('say what a model file holds and whether it can be trained')
    .argument('<model>', 'GGUF file, or folder of safetensors files or of an ONNX model')
  withOutputOptions(command).action((path: string, options: OutputOptions) => {
    const summary = inspectAnyModel(path)
    new Output(options).result(summary, modelCard(summary))
  })
}
