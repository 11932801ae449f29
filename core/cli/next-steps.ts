import { basename, extname } from 'node:path'
import { isConversation, type Task } from '../schema/task.js'
import type { ExportFormat } from './export-formats.js'

/** What can be done with an exported model, as lines for people. The prompt has to look as it did in training. */
export function nextSteps(format: ExportFormat, path: string, task: Task): string[] {
  const file = quoted(path)
  if (format === 'adapter') return [`apply it with: zerotune apply ${file} BASE.gguf --out ADAPTED.gguf`]
  if (format === 'gguf-lora') return [`use it with: llama-server -m BASE.gguf --lora ${file}`]
  const ask =
    task.kind === 'chat' || isConversation(task)
      ? [`  zerotune chat ${file}`]
      : [`  zerotune generate ${file} --raw --prompt ${quoted(promptOf(task))}`]
  if (format === 'safetensors') {
    return [
      'use it:',
      ...ask,
      `  transformers: AutoModelForCausalLM.from_pretrained(${JSON.stringify(path)})`,
    ]
  }
  if (format === 'onnx') {
    return ['use it:', ...ask, `  onnxruntime-genai: og.Model(${JSON.stringify(path)})`]
  }
  const name = quoted(basename(path, extname(path)).toLowerCase())
  // Ollama puts every prompt into the chat template unless it is told to leave it as it is.
  const lines = isConversation(task) ? `FROM ${path}` : `FROM ${path}\\nTEMPLATE """{{ .Prompt }}"""`
  return [
    'use it:',
    ...ask,
    `  llama.cpp: llama-server -m ${file}`,
    `  Ollama:    printf '${lines}\\n' > Modelfile && ollama create ${name} -f Modelfile`,
    `  LM Studio: lms import ${file}`,
  ]
}

function promptOf(task: Exclude<Task, { kind: 'chat' }>): string {
  return 'prompt' in task ? task.prompt : 'TEXT'
}

/** Quoted for a shell where it must be. */
export function quoted(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
