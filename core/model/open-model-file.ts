import { openGguf, type OpenGguf } from '../formats/gguf/open-gguf.js'
import { isModelFolder, openModelFolder } from './hugging-face/open-model-folder.js'

/**
 * Opens a model where it is: a GGUF file, the parts of a split one, or a folder of safetensors files.
 *
 * @throws EngineError as `openGguf` and `openModelFolder`
 */
export function openModelFile(path: string): OpenGguf {
  return isModelFolder(path) ? openModelFolder(path) : openGguf(path)
}

/** The metadata of the model at `path`. Throws as `openModelFile`. */
export function readMetadataAt(path: string): OpenGguf['file']['metadata'] {
  const { source, file } = openModelFile(path)
  source.close()
  return file.metadata
}
