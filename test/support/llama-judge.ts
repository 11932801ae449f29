import { getLlama, LlamaLogLevel, type Token } from 'node-llama-cpp'

/** What llama.cpp says about a model file: the program that people will run our files with. */
export interface LlamaJudge {
  /** The most likely token after each of `tokens`. */
  mostLikely(tokens: readonly number[]): Promise<number[]>
  /** Logits of `candidates` after the last of `tokens`. */
  logitsAfter(tokens: readonly number[], candidates: readonly number[]): Promise<number[]>
  close(): Promise<void>
}

/**
 * Opens `path` in llama.cpp on the CPU, with the prebuilt library of its package.
 *
 * @param lora an adapter file that is put over it
 */
export async function openLlamaJudge(path: string, lora?: string): Promise<LlamaJudge> {
  const llama = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.error })
  const model = await llama.loadModel({ modelPath: path })
  const context = await model.createContext({
    contextSize: 1024,
    batchSize: 512,
    threads: 1,
    ...(lora !== undefined && { lora }),
  })
  const sequence = context.getSequence()
  return {
    async mostLikely(tokens) {
      await sequence.clearHistory()
      const options = { generateNext: { token: true, options: { temperature: 0 } } }
      const results = await sequence.controlledEvaluate(tokens.map((token) => [token as Token, options]))
      return results.map((result) => Number(result?.next.token))
    },
    async logitsAfter(tokens, candidates) {
      await sequence.clearHistory()
      const filter = { tokens: candidates.map((token) => token as Token) }
      const last = tokens.length - 1
      const results = await sequence.controlledEvaluate(
        tokens.map((token, position) =>
          position < last
            ? (token as Token)
            : [token as Token, { generateNext: { logits: { filter }, options: { temperature: 0 } } }],
        ),
      )
      const logits = results[last]?.next.logits
      return candidates.map((token) => Number(logits?.get(token as Token)))
    },
    close: async () => {
      await context.dispose()
      await model.dispose()
      await llama.dispose()
    },
  }
}
