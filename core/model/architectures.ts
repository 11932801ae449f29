import { llama, type Architecture } from './architectures/architecture.js'
import { gemma2, gemma3 } from './architectures/gemma.js'
import { granite } from './architectures/granite.js'
import { olmo2 } from './architectures/olmo2.js'
import { phi3 } from './architectures/phi3.js'
import { qwen2, qwen3 } from './architectures/qwen.js'
import { smollm3 } from './architectures/smollm3.js'
import { stablelm } from './architectures/stablelm.js'

const all = [llama, qwen2, qwen3, gemma2, gemma3, phi3, smollm3, olmo2, granite, stablelm]

/** The architectures that can be run, by `general.architecture`. `llama` covers Llama 1 to 3, SmolLM2 and Mistral. */
export const architectures: ReadonlyMap<string, Architecture> = new Map(
  all.map((architecture) => [architecture.name, architecture]),
)
