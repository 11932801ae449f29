import { writeGguf } from '../../core/formats/gguf/write-gguf.js'
import { openModelFile } from '../../core/model/open-model-file.js'

/** Writes the model at `quantized` with the token table of the one at `floats`, which is what other formats leave alone. */
export function withHalfTables(quantized: string, floats: string, target: string): void {
  const [one, other] = [openModelFile(quantized), openModelFile(floats)]
  const tensors = [...one.file.tensors.values()].map((tensor) => {
    const isBlock = tensor.name.startsWith('blk.')
    const file = isBlock ? one : other
    return { ...(isBlock ? tensor : (other.file.tensors.get(tensor.name) ?? tensor)), source: file.source }
  })
  const { version, alignment, metadata } = one.file
  const content = { version, alignment, metadata, tensors: new Map(tensors.map((each) => [each.name, each])) }
  writeGguf(target, content, ({ source, offset, byteLength }) => source.read(offset, byteLength), {
    overwrite: false,
  })
  one.source.close()
  other.source.close()
}
