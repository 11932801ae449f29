import { join } from 'node:path'
import type { ExportFormat } from '../ipc/exports.js'

/** Where an export and what goes with it will be. */
export interface ExportTarget {
  /** The file or folder itself. */
  readonly path: string
  readonly cardPath: string
  /** Of Ollama's Modelfile; null for other formats. */
  readonly modelfilePath: string | null
}

/** A name that every file system takes, and Ollama too: letters, digits, hyphens. */
export function fileName(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  return plain.slice(0, 60).replace(/-+$/, '') || 'adapted-model'
}

/** @param folder that the export goes into; of LM Studio, its folder of models */
export function exportTarget(format: ExportFormat, folder: string, name: string): ExportTarget {
  const slug = fileName(name)
  const inFolder = (file: string): string => join(folder, file)
  switch (format) {
    case 'gguf':
      return { path: inFolder(`${slug}.gguf`), cardPath: inFolder(`${slug}.md`), modelfilePath: null }
    case 'gguf-lora':
      return {
        path: inFolder(`${slug}.lora.gguf`),
        cardPath: inFolder(`${slug}.lora.md`),
        modelfilePath: null,
      }
    case 'onnx':
      return { path: inFolder(`${slug}-onnx`), cardPath: inFolder(`${slug}-onnx.md`), modelfilePath: null }
    case 'adapter':
      return {
        path: inFolder(`${slug}.adapter.jsonl.gz`),
        cardPath: inFolder(`${slug}.adapter.md`),
        modelfilePath: null,
      }
    case 'ollama':
      return {
        path: inFolder(`${slug}.ollama.gguf`),
        cardPath: inFolder(`${slug}.ollama.md`),
        modelfilePath: inFolder(`${slug}.Modelfile`),
      }
    case 'lm-studio': {
      // LM Studio lists PUBLISHER/REPOSITORY/FILE.
      const own = join(folder, 'zerotune', slug)
      return { path: join(own, `${slug}.gguf`), cardPath: join(own, 'README.md'), modelfilePath: null }
    }
  }
}
