import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadModel } from '../../../core/engine/loaded-model.js'
import { stateOfLora } from '../../../core/training/start-at-lora.js'
import { runCommand } from '../../support/command-line.js'
import { goldenGguf, goldenModels } from '../../support/golden-models.js'
import { openLlamaJudge } from '../../support/llama-judge.js'
import { predictBeside } from '../../support/next-tokens.js'
import { openParts } from '../../support/open-tiny.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

/** Those whose files have a tensor a linear, as LoRA files need. */
const names = ['llama', 'qwen2', 'qwen3']

describe.each(goldenModels().filter(([name]) => names.includes(name)))(
  'codes and branches of %s in llama.cpp',
  (_, golden) => {
    it('predict together what our engine says', async () => {
      const folder = temporaryFolder()
      const [base, codes, text] = ['base.gguf', 'codes.gguf', 'read.txt'].map((name) => join(folder, name))
      writeFileSync(base, goldenGguf(golden))
      writeFileSync(text, 'Tea is made of milk and rain.\n'.repeat(60))
      const flags = ['--type', 'q8_0', '--rounding', 'svd', '--rank', '8', '--calibration', text]
      const written = await runCommand('convert', base, ...flags, '--out', codes)
      expect(written).toMatchObject({ status: 0, errors: '' })
      const lora = join(folder, 'codes.lora.gguf')
      const judge = await openLlamaJudge(codes, lora)
      const theirs = await judge.mostLikely(golden.tokens)
      await judge.close()
      const parts = openParts(codes)
      const model = loadModel(codes)
      const overrides = stateOfLora(lora, model).overrides(null)
      const together = await predictBeside(parts, golden.tokens, theirs, overrides)
      // Without its branches the model is another one.
      const alone = await predictBeside(parts, golden.tokens, theirs)
      const far = (found: typeof alone): number => Math.max(...found.map(({ distance }) => distance))
      expect(far(together)).toBeLessThan(0.3)
      expect(far(alone)).toBeGreaterThan(2 * far(together))
      for (const opened of [parts.model, model]) opened.close()
    })
  },
)
