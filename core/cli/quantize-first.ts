import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { isQuantizedType } from '../formats/gguf/tensor-types.js'
import { makeFolder } from '../formats/make-folder.js'
import { openModelFile } from '../model/open-model-file.js'
import { requestInvalid } from '../schema/request-invalid.js'
import { convertToFolder } from './convert-to-folder.js'
import type { Output } from './output.js'
import { quantizeChoice, type QuantizeOptions, type QuantizerChoice } from './quantizer-options.js'

/**
 * The model at `path` as it is or, where flags ask for it, written once with quantized linears to a folder of its own in `parent`:
 * quantizing a large model takes minutes, so no later opening does it again.
 *
 * @param use told where the model to open is; what was written stays only if it returns
 * @throws EngineError 'request-invalid' where the model is quantized already, and those of `exportSafetensors`
 */
export async function withQuantized<T>(
  path: string,
  options: QuantizeOptions,
  parent: string,
  output: Output,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const choice = quantizeChoice(options)
  if (choice === null) return use(path)
  refuseQuantized(path)
  makeFolder(parent)
  try {
    return await use(await quantized(path, choice, parent, output))
  } catch (thrown) {
    rmSync(parent, { recursive: true, force: true })
    throw thrown
  }
}

/** As `withQuantized`, for a look: nothing that was written stays. */
export async function withQuantizedBriefly<T>(
  path: string,
  options: QuantizeOptions,
  output: Output,
  use: (path: string) => Promise<T>,
): Promise<T> {
  if (quantizeChoice(options) === null) return use(path)
  const parent = mkdtempSync(join(tmpdir(), 'zerotune-quantized-'))
  try {
    return await withQuantized(path, options, parent, output, use)
  } finally {
    rmSync(parent, { recursive: true, force: true })
  }
}

async function quantized(
  path: string,
  choice: QuantizerChoice,
  parent: string,
  output: Output,
): Promise<string> {
  const folder = join(parent, basename(resolve(path)).replace(/\.gguf$/i, ''))
  await convertToFolder(path, choice, folder, output)
  return folder
}

/** A run, or what is quantized, is not quantized once more without a word. */
function refuseQuantized(path: string): void {
  const { source, file } = openModelFile(path)
  source.close()
  const found = [...file.tensors.values()].find(({ type }) => isQuantizedType(type))
  if (found === undefined) return
  throw requestInvalid(
    `--quantize is for models in F16, BF16 or F32, and '${found.name}' of ${path} is ${found.type}; 'zerotune convert' writes it in another type`,
  )
}
