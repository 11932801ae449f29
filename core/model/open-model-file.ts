import { openGguf, type OpenGguf } from '../formats/gguf/open-gguf.js'

/**
 * Opens a model where it is: a GGUF file, or the parts of a split one.
 *
 * @throws EngineError as `openGguf`
 */
export function openModelFile(path: string): OpenGguf {
  return openGguf(path)
}

/** The metadata of the model at `path`. Throws as `openModelFile`. */
export function readMetadataAt(path: string): OpenGguf['file']['metadata'] {
  const { source, file } = openModelFile(path)
  source.close()
  return file.metadata
}
