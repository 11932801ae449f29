import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { noChanges } from '../../../core/engine/model-changes.js'
import { openModel } from '../../../core/engine/open-model.js'
import { exportSafetensors } from '../../../core/export/safetensors/export-safetensors.js'
import { openModelFile } from '../../../core/model/open-model-file.js'
import { EngineError } from '../../../core/schema/engine-error.js'
import { goldenGguf, goldenModels } from '../../support/golden-models.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

/** Families whose trained models can be written as folders. */
const writable = new Set(['llama', 'llama-linear-rope', 'mistral', 'qwen2', 'qwen3'])

it.each(goldenModels())(
  'a model is written as a folder of safetensors, or refused by name: %s',
  async (name, golden) => {
    const path = join(temporaryFolder(), 'golden.gguf')
    writeFileSync(path, goldenGguf(golden))
    const base = openModel(path, new Date(0))
    const { source, file } = openModelFile(path)
    const { description } = base.model
    const folder = join(temporaryFolder(), 'model')
    const request = { source, file, description, tokenizer: base.tokenizer, folder, changes: noChanges }
    try {
      if (!writable.has(name)) {
        const error = await Promise.resolve()
          .then(() => exportSafetensors(request))
          .catch((thrown: unknown) => thrown)
        expect((error as EngineError).code).toBe('model-unsupported')
        return
      }
      await exportSafetensors(request)
      const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as { model_type: string }
      expect(config.model_type).toBe(golden.architecture)
      const again = openModel(folder, new Date(0))
      expect({ ...again.model.description, name: '' }).toEqual({ ...description, name: '' })
      again.model.close()
    } finally {
      source.close()
      base.model.close()
    }
  },
)
