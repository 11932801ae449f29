import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadModel } from '../../../core/engine/loaded-model.js'
import { exportGguf } from '../../../core/export/gguf.js'
import { trainedTensors } from '../../../core/export/trained-tensors.js'
import { verifyGguf } from '../../../core/export/verify-gguf.js'
import { openByteSource } from '../../../core/formats/byte-source.js'
import { readGguf } from '../../../core/formats/gguf/read-gguf.js'
import { caughtError } from '../../support/caught-error.js'
import { equalFactors } from '../../support/random-factors.js'
import { temporaryFolder } from '../../support/temporary-folder.js'
import { writeTinyGguf } from '../../support/tiny-gguf.js'

it.each(['blk.1.ffn_up.weight', 'blk.0.attn_norm.weight', 'token_embd.weight'])(
  'finds one wrong bit in %s of an exported file',
  (name) => {
    const folder = temporaryFolder()
    const basePath = join(folder, 'base.gguf')
    const target = join(folder, 'adapted.gguf')
    writeTinyGguf(basePath)
    const factorsOf = equalFactors(loadModel(basePath).description, 1.25)
    exportGguf({ basePath, target, changes: { scaleFactors: factorsOf } })
    const base = openByteSource(basePath)
    const file = readGguf(base)
    const trained = trainedTensors(base, file, 2, { scaleFactors: factorsOf }).map(({ tensor, encode }) => ({
      tensor,
      sha256: createHash('sha256').update(encode(base).bytes).digest('hex'),
    }))
    expect(verifyGguf(base, target, trained)).toHaveLength(64)

    const bytes = readFileSync(target)
    bytes[(file.tensors.get(name)?.offset ?? 0) + 7] ^= 4
    writeFileSync(target, bytes)
    const error = caughtError(() => verifyGguf(base, target, trained))
    expect(error.code).toBe('export-mismatch')
    base.close()
  },
)
