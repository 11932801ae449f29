import { describe, expect, it } from 'vitest'
import { findDemo, inspectModel } from '../../../core/index.js'
import { leastMemory } from '../../../core/memory/least-memory.js'

describe('what training takes at least', () => {
  it('is, for a model whose layers are read at every step, a fraction of its file', () => {
    const llama8b = { fileBytes: 4.92e9, vocabularySize: 128_256, width: 4096, layerCount: 32 }
    const { keptBytes, streamedBytes } = leastMemory(llama8b)
    expect(keptBytes).toBeGreaterThan(5e9)
    expect(streamedBytes).toBeLessThan(0.8e9)
  })

  it('is never more in layers than the whole file', () => {
    const summary = inspectModel(findDemo().model)
    const { keptBytes, streamedBytes } = leastMemory({ ...summary, layerCount: 1 })
    expect(streamedBytes).toBe(keptBytes)
    expect(keptBytes).toBeGreaterThan(summary.fileBytes)
  })
})
