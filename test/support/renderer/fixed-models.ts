import type { ModelSummary } from '../../../core/schema/model-summary.js'
import type { ModelEntry } from '../../../electron/ipc/models.js'
import { EngineError } from '../../../core/schema/engine-error.js'
import type { Answers } from './fake-host.js'

const example: ModelEntry = {
  model: 'embedded-example',
  name: 'Zerotune Demo',
  source: 'embedded',
  fileBytes: 839_712,
  location: 'comes with the program',
  usedAt: null,
}

const smol: ModelEntry = {
  model: 'smollm2',
  name: 'SmolLM2-135M-Instruct.Q4_1.gguf',
  source: 'file',
  fileBytes: 98_362_432,
  location: '~/models/SmolLM2-135M-Instruct.Q4_1.gguf',
  usedAt: '2026-11-20T10:12:00Z',
}

const large: ModelEntry = {
  model: 'large',
  name: 'llama3.3:70b',
  source: 'ollama',
  fileBytes: 40_012_886_123,
  location: '~/.ollama/models/manifests/registry.ollama.ai/library/llama3.3/70b',
  usedAt: null,
}

const broken: ModelEntry = {
  model: 'broken',
  name: 'half-a-download.gguf',
  source: 'lm-studio',
  fileBytes: 12_345_678,
  location: '~/.lmstudio/models/someone/half/half-a-download.gguf',
  usedAt: null,
}

const untrainable: ModelEntry = {
  model: 'mamba',
  name: 'mamba-790m:latest',
  source: 'ollama',
  fileBytes: 491_000_000,
  location: '~/.ollama/models/manifests/registry.ollama.ai/library/mamba-790m/latest',
  usedAt: null,
}

export const fixedModels = { example, smol, large, broken, untrainable }

/** The summary of SmolLM2 135M, which other made-up models vary. */
const summary: ModelSummary = {
  path: 'SmolLM2-135M-Instruct.Q4_1.gguf',
  fileBytes: smol.fileBytes,
  format: 'gguf',
  formatVersion: 3,
  name: 'Smollm2 135M 8k Lc100K Mix1 Ep2',
  architecture: 'llama',
  licence: 'apache-2.0',
  parameterCount: 134_515_008,
  layerCount: 30,
  width: 576,
  feedForwardWidth: 1536,
  headCount: 9,
  kvHeadCount: 3,
  headWidth: 64,
  contextLength: 8192,
  vocabularySize: 49_152,
  rope: { base: 100_000, dimensions: 64, scaling: 'none', positionScale: 1 },
  isOutputTied: true,
  tensorTypes: [
    { type: 'Q4_1', isSupported: true, tensorCount: 210, parameterCount: 106_168_320, bytes: 66_355_200 },
    { type: 'Q8_0', isSupported: true, tensorCount: 1, parameterCount: 28_311_552, bytes: 30_081_024 },
    { type: 'F32', isSupported: true, tensorCount: 61, parameterCount: 35_136, bytes: 140_544 },
  ],
  packing: null,
  tokenizer: { model: 'gpt2', pre: 'smollm' },
  hasChatTemplate: true,
  canTrain: true,
  reason: null,
  failure: null,
  recipes: [{ recipe: 'qzo-rows', canTrain: true, reason: null }],
}

/** A computer with a few models: one that fits, one too large, one damaged, one of another kind. */
export function fixedModelAnswers(): Answers {
  let models = [smol, example, large, untrainable, broken]
  return {
    'model.list': () => ({
      models,
      libraries: [
        {
          source: 'ollama',
          location: '~/.ollama/models',
          isFound: true,
          modelCount: 2,
          skippedCount: 1,
        },
        {
          source: 'lm-studio',
          location: '~/.lmstudio/models',
          isFound: true,
          modelCount: 1,
          skippedCount: 0,
        },
        {
          source: 'hugging-face',
          location: '~/.cache/huggingface/hub',
          isFound: false,
          modelCount: 0,
          skippedCount: 0,
        },
      ],
    }),
    'model.open': ({ path }) => {
      if (!path.endsWith('.gguf')) {
        throw new EngineError('file-unreadable', { path }, `cannot open ${path}: no such file`)
      }
      return smol
    },
    'model.forget': ({ model }) => {
      models = models.filter((entry) => entry.model !== model)
      return null
    },
    'model.inspect': ({ model }) => {
      const entry = models.find((candidate) => candidate.model === model) ?? smol
      switch (model) {
        case 'broken':
          throw new EngineError(
            'model-malformed',
            { path: entry.location, where: 'tensor blk.7.ffn_up.weight' },
            `${entry.location}: tensor 'blk.7.ffn_up.weight' should end at byte 98,112,000, the file ends at 12,345,678`,
          )
        case 'mamba':
          return {
            entry,
            summary: {
              ...summary,
              fileBytes: entry.fileBytes,
              architecture: 'mamba',
              parameterCount: 793_204_736,
              licence: null,
              rope: null,
              headCount: null,
              kvHeadCount: null,
              headWidth: null,
              canTrain: false,
              reason: "'mamba-790m.gguf' uses the architecture 'mamba'; supported is llama, qwen2, qwen3",
              failure: {
                code: 'model-unsupported',
                details: { path: 'mamba-790m.gguf', feature: "the architecture 'mamba'" },
                message: "'mamba-790m.gguf' uses the architecture 'mamba'; supported is llama, qwen2, qwen3",
              },
            },
            fit: null,
          }
        case 'large':
          return {
            entry,
            summary: {
              ...summary,
              fileBytes: entry.fileBytes,
              parameterCount: 70_553_706_560,
              layerCount: 80,
              licence: 'llama3.3',
              contextLength: 131_072,
            },
            fit: { neededBytes: 46.2e9, budgetBytes: 24e9, verdict: 'exceeds' },
          }
        default:
          return {
            entry: { ...entry, usedAt: '2026-11-23T23:12:00Z' },
            summary:
              model === example.model
                ? { ...summary, fileBytes: example.fileBytes, parameterCount: 1_128_960, layerCount: 4 }
                : summary,
            fit: { neededBytes: 412e6, budgetBytes: 14.2e9, verdict: 'fits' },
          }
      }
    },
  }
}
