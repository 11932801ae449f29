import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../../support/command-line.js'
import { genaiFolder, graphLogits } from '../../support/genai-models.js'
import { temporaryFolder } from '../../support/temporary-folder.js'
import { writeTinyFiles } from '../../support/tiny-files.js'

const tokens = [3, 9, 27, 17, 51]

describe.each(['llama', 'qwen2-qdq'])('a model in ONNX, %s:', (name) => {
  it('is inspected', async () => {
    const card = await runCommand('inspect', genaiFolder(name))
    expect(card).toMatchObject({ status: 0, errors: '' })
    expect(card.output).toContain(', ONNX\n')
    expect(card.output).toContain('can be trained')
  })

  it.each([
    ['exact-rows', true],
    ['exact-all', true],
    ['exact-scales', true],
    ['qzo', true],
    ['exact-lora', false],
  ])('is trained by %s, scored, and written back', async (recipe, keepsGraph) => {
    const folder = temporaryFolder()
    const files = writeTinyFiles(folder)
    const model = genaiFolder(name)
    const run = join(folder, 'run')
    const choices = ['--recipe', recipe, '--steps', '3', '--batch', '4', '--eval-every', '3']
    const trained = await runCommand('train', model, ...files.data, ...files.task, ...choices, '--out', run)
    expect(trained).toMatchObject({ status: 0, errors: '' })
    const out = join(folder, 'trained')
    const written = await runCommand('export', run, '--format', 'onnx', '--out', out)
    expect(written).toMatchObject({ status: 0, errors: '' })
    expect(written.output).toContain(
      keepsGraph ? "every other byte is the base file's" : 'this is a graph of ours',
    )
    expect(written.output).toContain('changed the loss by less than 0.00001')
    if (!keepsGraph) return
    const scored = await runCommand('eval', out, '--data', files.dev, ...files.task)
    expect(scored).toMatchObject({ status: 0, errors: '' })
    const lossOf = (text: string) => /8 rows, loss (\S+),/.exec(text)?.[1]
    expect(lossOf(scored.output)).toBe(lossOf((await runCommand('eval', run)).output))
    expect(readFileSync(join(out, 'model.onnx'))).toEqual(readFileSync(join(model, 'model.onnx')))
    expect(await graphLogits(out, tokens)).not.toEqual(await graphLogits(model, tokens))
  })
})
