import type { ModelChanges } from '../engine/model-changes.js'
import type { TensorProgress } from '../formats/gguf/write-gguf.js'
import { describeModel } from '../model/describe-model.js'
import { openModelFile } from '../model/open-model-file.js'
import { ggufTypes, type GgufType } from '../schema/gguf-type.js'
import { convertingGguf, planConversion } from './convert-gguf.js'
import type { GgufExport } from './gguf-export.js'

/** The adapted model as a GGUF file of another type than its base. */
export interface TypedExportRequest {
  readonly basePath: string
  /** Where it will be; nothing may be there. */
  readonly target: string
  readonly changes: ModelChanges
  readonly type: GgufType
}

/** Writes it as `convertGguf` does, and yields before each tensor; blocks are searched. Returning it early leaves nothing behind. */
export function* exportingGguf(request: TypedExportRequest): Generator<TensorProgress, GgufExport> {
  const { basePath, target, changes, type } = request
  const { source, file } = openModelFile(basePath)
  try {
    const { layerCount } = describeModel(file, source)
    return yield* convertingGguf({ source, file, layerCount, changes, type }, target)
  } finally {
    source.close()
  }
}

/** What a file of each type would take, to the byte. Throws as `openModelFile` does. */
export function ggufBytesByType(
  basePath: string,
): { readonly type: GgufType; readonly byteLength: number }[] {
  const { source, file } = openModelFile(basePath)
  try {
    const { layerCount } = describeModel(file, source)
    return ggufTypes.map((type) => ({
      type,
      byteLength: planConversion({ file, type, layerCount }).byteLength,
    }))
  } finally {
    source.close()
  }
}
