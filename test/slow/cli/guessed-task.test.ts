import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readJob, runFolder } from '../../../core/training/run-folder.js'
import { runCommand } from '../../support/command-line.js'
import { hasShared, sharedPath } from '../../support/shared-files.js'

const model = 'models/SmolLM2-135M-Instruct.Q4_1.gguf'
const folder = mkdtempSync(join(tmpdir(), 'zerotune-guessed-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(!hasShared(model, 'data'))('public data without a column named (needs ../shared)', () => {
  it.each([
    [
      'trec/train.csv',
      'trec/test.csv',
      { kind: 'labels', prompt: '{question}\nKind:', labelColumn: 'kind', labels: { human: ' human' } },
    ],
    [
      'sst2/train.tsv',
      'sst2/dev.tsv',
      {
        kind: 'labels',
        prompt: '{sentence}\nLabel:',
        labelColumn: 'label',
        // What 0 and 1 mean is not in the file; a digit is one token without a space.
        labels: { '0': '0', '1': '1' },
      },
    ],
    ['wikitext2/valid.txt', 'wikitext2/test.txt', { kind: 'text', text: '{text}' }],
  ])('%s becomes a trained model, judged on %s', async (train, test, task) => {
    const run = join(folder, train.replace('/', '-'))
    const few = ['--rows', '24', '--steps', '1', '--batch', '2', '--out', run]
    const flags = ['train', sharedPath(model), '--data', sharedPath(`data/${train}`), ...few]
    expect(await runCommand(...flags)).toMatchObject({ status: 0, errors: '' })
    expect(readJob(runFolder(run)).task).toMatchObject(task)
    const judged = await runCommand(
      'eval',
      run,
      '--data',
      sharedPath(`data/${test}`),
      '--rows',
      '20',
      '--json',
    )
    const [{ n, loss }] = judged.json() as [{ n: number; loss: number }]
    expect([n >= 4, Number.isFinite(loss)]).toEqual([true, true])
  })
})
