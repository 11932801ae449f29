import { openGguf, type OpenGguf } from '../formats/gguf/open-gguf.js'
import { isModelFolder, openModelFolder } from './hugging-face/open-model-folder.js'
import { isOnnxModel, openOnnxModel } from './onnx/open-onnx-model.js'

/**
 * Opens a model where it is: a GGUF file, the parts of a split one, a folder of safetensors files, or one of ONNX.
 *
 * @throws EngineError as `openGguf`, `openModelFolder` and `openOnnxModel`
 */
export function openModelFile(path: string): OpenGguf {
  if (isOnnxModel(path)) return openOnnxModel(path)
  return isModelFolder(path) ? openModelFolder(path) : openGguf(path)
}

/** Whether a folder is a model itself, and not for instance one of a run. */
export function isFolderOfModel(path: string): boolean {
  return isOnnxModel(path) || isModelFolder(path)
}

/** The metadata of the model at `path`. Throws as `openModelFile`. */
export function readMetadataAt(path: string): OpenGguf['file']['metadata'] {
  const { source, file } = openModelFile(path)
  source.close()
  return file.metadata
}
