import { describe, expect, it } from 'vitest'
import { runCommand } from '../../support/command-line.js'
import { hasShared, sharedPath } from '../../support/shared-files.js'

const model = 'models/SmolLM2-135M-Instruct.Q4_1.gguf'
const data = 'data/sst2/dev.tsv'

describe.skipIf(!hasShared(model, data))(`SST-2 with SmolLM2 (needs ${model} and ${data})`, () => {
  const task = ['--prompt', '{content} It was', '--label-column', 'label']
  const labels = ['--labels', '{"0":" terrible","1":" great"}']
  const evaluate = ['eval', sharedPath(model), '--data', sharedPath(data), ...task, ...labels, '--json']

  it('gives the loss of PyTorch in fp32 on the same dequantized weights, 1.189928 on 256 rows', async () => {
    const [report] = (await runCommand(...evaluate, '--rows', '256')).json() as [{ loss: number }]
    expect(Math.abs(report.loss - 1.189928)).toBeLessThan(1e-4)
    expect(report).toMatchObject({ n: 256, accuracy: 126 / 256 })
  })

  it('gives 1.1725 and 51.6 % on all 872 rows', async () => {
    const [report] = (await runCommand(...evaluate)).json() as [{ loss: number; accuracy: number }]
    expect(report.loss).toBeCloseTo(1.1725, 4)
    expect(report.accuracy).toBeCloseTo(0.5161, 4)
  })
})
