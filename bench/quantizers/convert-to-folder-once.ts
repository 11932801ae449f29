import { createTokenizer } from '../../core/data/tokenizer/create-tokenizer.js'
import { noChanges } from '../../core/engine/model-changes.js'
import { exportSafetensors } from '../../core/export/safetensors/export-safetensors.js'
import { toIntegers } from '../../core/export/safetensors/integer-parts.js'
import type { LinearQuantizer } from '../../core/export/safetensors/linear-quantizer.js'
import { toTable } from '../../core/export/safetensors/table-parts.js'
import { tableBlockLengths } from '../../core/formats/table-blocks.js'
import { describeModel } from '../../core/model/describe-model.js'
import { openModelFile } from '../../core/model/open-model-file.js'
import { tableQuantizer, tableQuantizerNames } from '../../core/quantization/code-tables/table-quantizer.js'
import { roundings } from '../../core/quantization/encode-rows.js'
import { integerBits, integerGrids } from '../../core/quantization/integer-quantizer.js'
import { printFigures } from './conversion-figures.js'

const [, , path, quantizerName, blockText, folder, ...settings] = process.argv
await printFigures(() => {
  const { source, file } = openModelFile(path)
  return exportSafetensors({
    ...{ source, file, folder, changes: noChanges },
    description: describeModel(file, source),
    tokenizer: createTokenizer(file.metadata, path),
    quantizer: quantizer(),
  })
})

/** What the arguments name. */
function quantizer(): LinearQuantizer {
  const blockLength = tableBlockLengths.find((each) => String(each) === blockText)
  const name = tableQuantizerNames.find((each) => each === quantizerName)
  if (blockLength !== undefined && name !== undefined) return toTable(tableQuantizer(name, blockLength))
  const bits = integerBits.find((each) => String(each) === settings[0])
  const grid = integerGrids.find((each) => each === settings[1])
  const rounding = roundings.find((each) => each === settings[2])
  if (!blockLength || !bits || !grid || !rounding) throw new Error(`no ${quantizerName} of ${blockText}`)
  return toIntegers({ bits, blockLength, grid, rounding })
}
