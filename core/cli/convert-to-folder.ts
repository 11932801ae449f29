import { createTokenizer } from '../data/tokenizer/create-tokenizer.js'
import { noChanges } from '../engine/model-changes.js'
import { describeModel } from '../model/describe-model.js'
import { openModelFile } from '../model/open-model-file.js'
import type { TableQuantizer } from '../quantization/code-tables/table-quantizer.js'
import { formatBytes } from './format.js'
import type { Output } from './output.js'
import { writeSayingSize } from './write-export.js'

/** Writes the model at `path` as a folder of safetensors with quantized linears. Throws as `exportSafetensors`. */
export async function convertToFolder(
  path: string,
  quantizer: TableQuantizer,
  folder: string,
  output: Output,
): Promise<void> {
  const { source, file } = openModelFile(path)
  try {
    const description = describeModel(file, source)
    const tokenizer = createTokenizer(file.metadata, path)
    const request = { source, file, description, tokenizer, changes: noChanges, folder, quantizer }
    const written = await writeSayingSize(request, output)
    const { table, blockLength } = quantizer
    output.result({ format: 'safetensors', type: table, blockLength, ...written }, [
      `wrote ${folder}, ${formatBytes(written.byteLength)}`,
      '  read back and compared: every tensor is as it was written',
    ])
  } finally {
    source.close()
  }
}
