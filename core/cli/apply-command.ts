import type { Command } from 'commander'
import { openModel } from '../engine/open-model.js'
import { applyAdapter } from '../export/apply-adapter.js'
import { exportGguf } from '../export/gguf.js'
import { readAdapter } from '../export/read-adapter.js'
import { formatBytes, formatCount } from './format.js'
import { modelHashes } from './model-hashes.js'
import { nextSteps } from './next-steps.js'
import { Output, type OutputOptions } from './output.js'
import { withOutputOptions } from './shared-options.js'
import { refuseExisting } from './refuse-existing.js'

interface ApplyOptions extends OutputOptions {
  readonly out: string
}

/** `zerotune apply`. */
export function addApplyCommand(program: Command): void {
  const command = program
    .command('apply')
    .description('rebuild an adapted model from an adapter and its base model')
    .argument('<adapter>', 'file of zerotune export --format adapter')
    .argument('<model>', 'GGUF file that the adapter was made from')
    .requiredOption('--out <file>', 'where the adapted model will be')
  withOutputOptions(command).action((adapterPath: string, modelPath: string, options: ApplyOptions) => {
    const output = new Output(options)
    refuseExisting(options.out)
    const adapter = readAdapter(adapterPath)
    const { steps, job, stateSha256 } = adapter.manifest
    output.live(`taking ${formatCount(steps)} steps`)
    const parameters = applyAdapter(
      adapter,
      openModel(modelPath, new Date(job.date), modelHashes()),
      adapterPath,
    )
    const written = exportGguf({ basePath: modelPath, target: options.out, changes: parameters })
    output.result({ ...written, steps, stateSha256 }, [
      `took ${formatCount(steps)} steps; the state is the one that the adapter promises`,
      `wrote ${written.path}, ${formatBytes(written.byteLength)}; ${written.trainedTensorCount} tensors changed, all else is ${written.keepsBase ? "the base file's" : 'as in the base'}`,
      ...nextSteps('gguf', written.path, job.task),
    ])
  })
}
