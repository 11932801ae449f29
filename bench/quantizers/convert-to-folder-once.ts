import { createTokenizer } from '../../core/data/tokenizer/create-tokenizer.js'
import { noChanges } from '../../core/engine/model-changes.js'
import { exportSafetensors } from '../../core/export/safetensors/export-safetensors.js'
import { tableBlockLengths } from '../../core/formats/table-blocks.js'
import { describeModel } from '../../core/model/describe-model.js'
import { openModelFile } from '../../core/model/open-model-file.js'
import { tableQuantizer, tableQuantizerNames } from '../../core/quantization/code-tables/table-quantizer.js'
import { printFigures } from './conversion-figures.js'

const [, , path, quantizerName, blockText, folder] = process.argv
const name = tableQuantizerNames.find((each) => each === quantizerName)
const blockLength = tableBlockLengths.find((each) => String(each) === blockText)
if (name === undefined || blockLength === undefined) throw new Error(`no ${quantizerName} of ${blockText}`)
await printFigures(() => {
  const { source, file } = openModelFile(path)
  return exportSafetensors({
    ...{ source, file, folder, changes: noChanges },
    description: describeModel(file, source),
    tokenizer: createTokenizer(file.metadata, path),
    quantizer: tableQuantizer(name, blockLength),
  })
})
