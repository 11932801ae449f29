import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { shapes, shapeTypes } from '../../bench/shapes/shape.js'
import { writeShape } from '../../bench/shapes/write-shape.js'
import { openModel } from '../../core/engine/open-model.js'
import { temporaryFolder } from '../support/temporary-folder.js'

describe('a generated shape', () => {
  it.each(shapeTypes)('opens as a model of its sizes in %s, with a tokenizer of its vocabulary', (type) => {
    const path = join(temporaryFolder(), 'tiny.gguf')
    writeShape({ name: 'tiny', type, seed: 1, path })
    const { model, tokenizer } = openModel(path, new Date(0))
    const { layers, width, feedForward, vocabulary } = shapes.tiny
    expect(model.description).toMatchObject({ layerCount: layers, width, feedForwardWidth: feedForward })
    expect(model.description.vocabularySize).toBe(vocabulary)
    expect(tokenizer.decode(tokenizer.encode('2026 letters', 'text'))).toBe('2026 letters')
    model.close()
  })

  it('is the same file for the same seed, and another for another', () => {
    const folder = temporaryFolder()
    const [first, second, other] = [1, 1, 2].map((seed, index) => {
      const path = join(folder, `${index}.gguf`)
      writeShape({ name: 'tiny', type: 'Q4_0', seed, path })
      return readFileSync(path)
    })
    expect(second.equals(first)).toBe(true)
    expect(other.equals(first)).toBe(false)
  })

  it('has values of the deviation that keeps products at the size of their inputs', () => {
    const path = join(temporaryFolder(), 'tiny.gguf')
    writeShape({ name: 'tiny', type: 'Q4_1', seed: 1, path })
    const { model } = openModel(path, new Date(0))
    const { width, vocabulary } = shapes.tiny
    const row = new Float32Array(width)
    let sum = 0
    let squares = 0
    for (let token = 0; token < vocabulary; token++) {
      model.embedding.readRow(token, row, 0)
      for (const value of row) {
        sum += value
        squares += value * value
      }
    }
    const count = width * vocabulary
    expect(Math.sqrt(squares / count) * Math.sqrt(width)).toBeCloseTo(1, 1)
    expect(Math.abs(sum / count) * Math.sqrt(width)).toBeLessThan(0.02)
    model.close()
  })
})
