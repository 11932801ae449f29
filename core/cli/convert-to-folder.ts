import { createTokenizer } from '../data/tokenizer/create-tokenizer.js'
import { noChanges } from '../engine/model-changes.js'
import type { SafetensorsExport } from '../export/safetensors/export-safetensors.js'
import { describeModel } from '../model/describe-model.js'
import { openModelFile } from '../model/open-model-file.js'
import type { Output } from './output.js'
import { quantizerOf, type QuantizerChoice } from './quantizer-options.js'
import { writeSayingSize } from './write-export.js'

/** Writes the model at `path` as a folder of safetensors with quantized linears. Throws as `exportSafetensors`. */
export async function convertToFolder(
  path: string,
  choice: QuantizerChoice,
  folder: string,
  output: Output,
): Promise<SafetensorsExport> {
  const quantizer = quantizerOf(choice)
  const { source, file } = openModelFile(path)
  try {
    const description = describeModel(file, source)
    const tokenizer = createTokenizer(file.metadata, path)
    const request = { source, file, description, tokenizer, changes: noChanges, folder, quantizer }
    return await writeSayingSize(request, output)
  } finally {
    source.close()
  }
}
