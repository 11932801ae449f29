import { mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openGraphModel } from '../../../core/engine/open-graph-model.js'
import { isGraphRun, openAnyRun } from '../../../core/training/open-trained.js'
import { runCommand } from '../../support/command-line.js'
import { graphFolder, neoxLogits } from '../../support/graph-models.js'
import { temporaryFolder } from '../../support/temporary-folder.js'
import { writeTinyFiles } from '../../support/tiny-files.js'

const succeeded = { status: 0, errors: '' }

/** Moves a graph to where transformers.js has it. */
function likeTransformersJs(model: string): void {
  mkdirSync(join(model, 'onnx'))
  renameSync(join(model, 'model.onnx'), join(model, 'onnx', 'model_q4.onnx'))
  renameSync(join(model, 'model.onnx_data'), join(model, 'onnx', 'model.onnx_data'))
}

async function trainedRun(model: string) {
  const folder = temporaryFolder()
  const files = writeTinyFiles(folder)
  const run = join(folder, 'run')
  const choices = [
    '--steps',
    '8',
    '--batch',
    '4',
    '--eval-every',
    '4',
    '--learning-rate',
    '0.05',
    '--out',
    run,
  ]
  const train = ['train', model, ...files.data, ...files.task, ...choices]
  return { files, folder, run, trained: await runCommand(...train) }
}

const lossOf = (text: string) => /8 rows, loss (\S+),/.exec(text)?.[1]

describe('a graph of an unknown architecture', () => {
  it('is inspected and planned', async () => {
    const model = graphFolder('neox')
    const card = await runCommand('inspect', model)
    expect(card).toMatchObject(succeeded)
    expect(card.output).toMatch(/architecture {2}gpt_neox\n/)
    expect(card.output).toMatch(/qzo {11}can train it\n/)
    const files = writeTinyFiles(temporaryFolder())
    const plan = await runCommand('plan', model, ...files.data, ...files.task)
    expect(plan).toMatchObject(succeeded)
    expect(plan.output).toMatch(/^qzo, layers 0-0: /)
  })

  it.each([false, true])(
    'is trained, scored, and written back (as transformers.js has it: %s)',
    async (moves) => {
      const model = graphFolder('neox')
      if (moves) likeTransformersJs(model)
      const { files, folder, run, trained } = await trainedRun(model)
      expect(trained).toMatchObject(succeeded)
      expect(trained.output).toContain('its own graph has no backward pass')
      const scored = await runCommand('eval', run, '--compare')
      expect(scored).toMatchObject(succeeded)
      const out = join(folder, 'trained')
      const written = await runCommand('export', run, '--out', out)
      expect(written).toMatchObject(succeeded)
      expect(written.output).toContain("10 tensors changed, every other byte is the base file's")
      expect(written.output).toContain('changed the loss by less than 0.00001')
      const again = await runCommand('eval', out, '--data', files.dev, ...files.task)
      expect(lossOf(again.output)).toBe(lossOf(scored.output))
    },
  )

  it('is written with the scales that the engine ran with, to the bit, and gives other logits', async () => {
    const model = graphFolder('neox')
    const { folder, run } = await trainedRun(model)
    const out = join(folder, 'trained')
    await runCommand('export', run, '--out', out)
    const opened = openAnyRun(run)
    const written = openGraphModel(out, new Date(0))
    onTestFinished(() => [opened.model, written].forEach((each) => each.model.close()))
    expect(isGraphRun(opened)).toBe(true)
    const tensors = opened.parameters.overrides(null)(0, null)?.tensors ?? {}
    for (const { input, initial, tensor } of written.model.scales) {
      const trained = tensors[input].data as Float32Array
      if (tensor.dtype === 'F32') expect(initial).toEqual(Float32Array.from(trained))
      else
        trained.forEach((value, index) => expect(Math.abs(initial[index] / value - 1)).toBeLessThan(2 ** -11))
    }
    const tokens = [3, 9, 27, 17, 51]
    expect(await neoxLogits(out, tokens)).not.toEqual(await neoxLogits(model, tokens))
    for (const file of ['config.json', 'tokenizer.json']) {
      expect(readFileSync(join(out, file))).toEqual(readFileSync(join(model, file)))
    }
  })

  it('goes on from an earlier run', async () => {
    const { folder, run, files } = await trainedRun(graphFolder('neox'))
    const model = openAnyRun(run).model.model.path
    const second = [
      'train',
      model,
      ...files.data,
      '--from',
      run,
      '--steps',
      '2',
      '--out',
      join(folder, 'second'),
    ]
    const outcome = await runCommand(...second)
    expect(outcome).toMatchObject(succeeded)
    expect(outcome.output).toContain('begins at step')
  })

  it('is neither exported as something else nor asked to write, which is said', async () => {
    const model = graphFolder('neox')
    const { run } = await trainedRun(model)
    const gguf = await runCommand('export', run, '--format', 'gguf')
    expect(gguf.status).toBe(2)
    expect(gguf.errors).toContain("export as 'onnx', not as 'gguf'")
    const text = await runCommand('generate', model, '--prompt', 'tea')
    expect(text.status).toBe(2)
    expect(text.errors).toContain('training, evaluation and export by the graph itself')
  })
})
