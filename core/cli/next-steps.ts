import { basename, extname } from 'node:path'

/** What can be done with an exported model, as lines for people. */
export function nextSteps(format: 'gguf' | 'onnx' | 'adapter', path: string): string[] {
  const file = quoted(path)
  switch (format) {
    case 'gguf': {
      const name = basename(path, extname(path)).toLowerCase()
      return [
        'use it:',
        `  zerotune generate ${file} --prompt 'TEXT'`,
        `  llama-cli -m ${file}                                   (llama.cpp)`,
        `  echo FROM ${file} > Modelfile && ollama create ${quoted(name)} -f Modelfile   (Ollama)`,
        '  LM Studio: lms import FILE',
      ]
    }
    case 'onnx':
      return [
        'use it:',
        `  zerotune generate ${file} --prompt 'TEXT'`,
        `  its README.md shows onnxruntime-genai and transformers.js`,
      ]
    case 'adapter':
      return [`rebuild the model from it: zerotune apply ${file} BASE.gguf --out ADAPTED.gguf`]
  }
}

/** Quoted for a shell where it must be. */
export function quoted(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
