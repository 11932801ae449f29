import { statfsSync } from 'node:fs'
import { availableParallelism, cpus, freemem, totalmem } from 'node:os'
import type { Command } from 'commander'
import { runtimeVersion } from '../runtime/load-runtime.js'
import { EngineError } from '../schema/engine-error.js'
import { programVersion } from '../schema/version.js'
import { findDemo } from '../hub/demo-files.js'
import { formatBytes } from './format.js'
import { Output, type OutputOptions } from './output.js'
import { withOutputOptions } from './shared-options.js'

/** `zerotune doctor`. */
export function addDoctorCommand(program: Command): void {
  const command = program.command('doctor').description('say what this computer offers, and what is missing')
  withOutputOptions(command).action(async (options: OutputOptions) => {
    const { bavail, bsize } = statfsSync('.')
    const found = {
      zerotune: programVersion,
      node: process.version,
      system: `${process.platform} ${process.arch}`,
      // Throws where it cannot be loaded: nothing works without it.
      onnxruntime: await runtimeVersion(),
      processor: cpus().at(0)?.model ?? 'unknown',
      threads: availableParallelism(),
      memoryBytes: totalmem(),
      freeMemoryBytes: freemem(),
      freeDiskBytes: bavail * bsize,
      demo: demoPath(),
    }
    new Output(options).result(found, [
      `Zerotune ${found.zerotune}, Node ${found.node}, ${found.system}`,
      `onnxruntime ${found.onnxruntime} loads`,
      `${found.processor}, ${found.threads} threads`,
      `${formatBytes(found.memoryBytes)} memory, ${formatBytes(found.freeMemoryBytes)} free`,
      `${formatBytes(found.freeDiskBytes)} free on this disk`,
      found.demo === null ? 'the example is missing' : `the example is there; try it: zerotune demo`,
    ])
  })
}

function demoPath(): string | null {
  try {
    return findDemo().model
  } catch (thrown) {
    if (thrown instanceof EngineError) return null
    throw thrown
  }
}
