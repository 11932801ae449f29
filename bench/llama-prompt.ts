import { getLlama, LlamaLogLevel, type Token } from 'node-llama-cpp'

/**
 * Milliseconds in which llama.cpp, on the CPU, reads prompts of so many tokens: the forward pass of the program that people
 * run these files with. It rounds activations to 8 bits.
 *
 * @param prompts each read `repeats` times; the first time is not counted
 */
export async function llamaPromptMs(
  modelPath: string,
  prompts: readonly (readonly number[])[],
  threads: number,
  repeats: number,
): Promise<number[][]> {
  const llama = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.error })
  const model = await llama.loadModel({ modelPath })
  const longest = Math.max(...prompts.map((prompt) => prompt.length))
  const context = await model.createContext({ contextSize: longest + 8, batchSize: 512, threads })
  const sequence = context.getSequence()
  const times: number[][] = []
  for (const prompt of prompts) {
    const ofPrompt: number[] = []
    for (let repeat = 0; repeat <= repeats; repeat++) {
      await sequence.clearHistory()
      const started = performance.now()
      await sequence.evaluateWithoutGeneratingNewTokens(prompt.map((token) => token as Token))
      if (repeat > 0) ofPrompt.push(performance.now() - started)
    }
    times.push(ofPrompt)
  }
  await context.dispose()
  await model.dispose()
  await llama.dispose()
  return times
}
