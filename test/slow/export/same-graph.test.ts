import { describe, expect, it } from 'vitest'
import { genaiFolder, genaiModels } from '../../support/genai-models.js'
import {
  logitDifference,
  logitTolerance,
  movedCodes,
  movedFactors,
  movedVectors,
  openedModel,
  writtenGraph,
} from '../../support/trained-graphs.js'

describe.each(genaiModels)('the trained graph of %s', (name) => {
  it.each([
    ['row factors', movedFactors],
    ['norms and biases', movedVectors],
    ['codes, scales and zero points', movedCodes],
  ])('gives the logits of the trained engine, of %s', async (kind, changesOf) => {
    const base = genaiFolder(name)
    const model = openedModel(base)
    const changes = changesOf(model)
    const { folder, trainedTensorCount, byteLength } = await writtenGraph(base, model, changes)
    expect(await logitDifference(folder, model, changes)).toBeLessThan(logitTolerance)
    const hasNoCodes = name === 'mistral-float' && kind.startsWith('codes')
    expect(trainedTensorCount > 0).toBe(!hasNoCodes)
    if (!hasNoCodes) expect(await logitDifference(base, model, changes)).toBeGreaterThan(10 * logitTolerance)
    expect(byteLength).toBeGreaterThan(20_000)
  })
})
