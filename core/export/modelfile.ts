import { isConversation, type Task } from '../schema/task.js'

/** What a Modelfile says. */
export interface ModelfileRequest {
  /** The GGUF file, as Ollama will find it. */
  readonly modelPath: string
  readonly task: Task
  /** The model's own chat template; null where it has none. */
  readonly chatTemplate: string | null
  readonly system: string | null
  /** Spellings of the tokens that end an answer. */
  readonly stops: readonly string[]
  readonly contextLength: number
  /** Tokens of the longest label, where the model answers with one; null where it ends an answer by itself. */
  readonly labelTokens: number | null
}

/** ChatML in Ollama's own template language. */
const chatMl = `{{- range .Messages }}<|im_start|>{{ .Role }}
{{ .Content }}<|im_end|>
{{ end }}<|im_start|>assistant
`

/**
 * A Modelfile for Ollama. A model that was not trained on conversations gets every prompt as it is: in a chat template it
 * would meet other text than in training. For conversations ChatML is written out; other templates Ollama recognises by
 * itself from the GGUF file. What follows a label is not taught, so an answer has as many tokens as the longest label.
 *
 * Source: Ollama's documentation, "Modelfile reference".
 */
export function modelfile(request: ModelfileRequest): string {
  const { modelPath, task, chatTemplate, system, stops, contextLength, labelTokens } = request
  const isChatMl = chatTemplate?.includes('<|im_start|>') === true
  const template = isConversation(task) ? (isChatMl ? chatMl : null) : '{{ .Prompt }}'
  const lines = [
    `FROM ${modelPath}`,
    ...(template === null ? [] : [`TEMPLATE ${quoted(template)}`]),
    ...(system === null ? [] : [`SYSTEM ${quoted(system)}`]),
    ...stops.map((stop) => `PARAMETER stop ${JSON.stringify(stop)}`),
    `PARAMETER num_ctx ${contextLength}`,
    ...(labelTokens === null ? [] : [`PARAMETER num_predict ${labelTokens}`]),
    'PARAMETER temperature 0',
  ]
  return `${lines.join('\n')}\n`
}

/** Three quotes end a text there; nothing escapes them. */
function quoted(text: string): string {
  return `"""${text.replaceAll('"""', "'''")}"""`
}
