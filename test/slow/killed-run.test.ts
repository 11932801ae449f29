import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { goldenGraphFolder, graphFolder } from '../support/graph-models.js'
import { perturbedDit, writeDitRows } from '../support/tensor-rows.js'
import { writeTinyFiles } from '../support/tiny-files.js'

const root = resolve(import.meta.dirname, '../..')
const command = join(root, 'bin', 'zerotune.js')
const demo = join(root, 'resources', 'demo')
const folder = mkdtempSync(join(tmpdir(), 'zerotune-killed-'))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const killedRuns: readonly [recipe: string, steps: number, kills: number, settings?: readonly string[]][] = [
  ['qzo-rows', 240, 20],
  ['qzo', 240, 5],
  // Its steps depend on how far the run is.
  ['kerzoo', 240, 3],
  // What its steps leave out goes into later ones.
  ['qes', 240, 5],
  // Its state lies beside the model.
  ['eggroll', 240, 3],
  // Its steps depend on all before them.
  ['qzo-rows-adam', 240, 5],
  // Its steps share what their number says.
  ['lozo', 240, 3],
  ['zo-muon', 120, 3],
  // Some of its steps take twenty passes more.
  ['dizo', 110, 2],
  // Its hidden states are made anew when layers freeze.
  ['qzo-rows', 240, 5, ['--train-layers', '0-3', '--freeze-at', '60:1,120:2:int16,180:3:int8']],
  ['exact-rows', 96, 20],
  ['exact-rows', 48, 3, ['--precision', 'float16']],
]

describe('a run that is killed', () => {
  it.each(killedRuns)(
    'ends with the same bits as one that is not, after kills at random moments (%s, %i steps, %i)',
    (recipe, steps, killCount, settings = []) =>
      expectSameBits(
        [recipe, ...settings].join(''),
        (out) => [...trainArgs(recipe, out, steps), ...settings],
        killCount,
      ),
  )

  it('ends with the same bits by a graph as it is', () => {
    const files = writeTinyFiles(join(folder, 'rows'))
    const model = graphFolder('neox')
    const choices = ['--steps', '300', '--eval-every', '50', '--quiet']
    const argsOf = (out: string): string[] => [
      ...['train', model, ...files.data, ...files.task, ...choices, '--out', out],
    ]
    return expectSameBits('graph', argsOf, 10)
  })

  it('ends with the same bits by a graph that reads tensors', async () => {
    const rows = await writeDitRows(perturbedDit(0.2, 5), 64, 1)
    const model = goldenGraphFolder('dit')
    const choices = ['--steps', '300', '--eval-every', '50', '--quiet']
    const argsOf = (out: string): string[] => ['train', model, '--data', rows, ...choices, '--out', out]
    await expectSameBits('tensors', argsOf, 5)
  })

  // Exact gradients are floating-point sums, whose order the number of threads decides on some processors.
  it.each(['qzo-rows', 'qzo'])('gives the same bits on one thread and on two (%s)', async (recipe) => {
    const states = []
    for (const threads of ['1', '2']) {
      const run = join(folder, `${recipe}-threads-${threads}`)
      expect(await zerotune([...trainArgs(recipe, run, 240), '--threads', threads])).toBe(0)
      states.push(readFileSync(join(run, 'best.state')))
    }
    expect(states[0].equals(states[1])).toBe(true)
  })
})

/** Kills a run at random moments and resumes it until it ends, and compares its files with those of a run left alone. */
async function expectSameBits(
  name: string,
  argsOf: (out: string) => string[],
  killCount: number,
): Promise<void> {
  const whole = join(folder, `${name}-whole`)
  const started = Date.now()
  expect(await zerotune(argsOf(whole))).toBe(0)
  const duration = Date.now() - started

  const killed = join(folder, `${name}-killed`)
  const random = uniform(name.length)
  let kills = 0
  let args = argsOf(killed)
  // Each session lives at most a fifth of a whole run, so that the kills fall on every part of it.
  while (kills < killCount) {
    const status = await zerotune(args, random() * 0.2 * duration)
    if (status !== null) break
    kills++
    if (existsSync(join(killed, 'job.json'))) args = ['resume', killed, '--quiet']
  }
  expect(await zerotune(args)).toBe(0)
  expect(kills).toBe(killCount)
  for (const file of [
    'journal.jsonl',
    'metrics.jsonl',
    'best.state',
    'best-losses.json',
    'base-losses.json',
  ]) {
    expect(readFileSync(join(killed, file)).equals(readFileSync(join(whole, file))), file).toBe(true)
  }
}

function trainArgs(recipe: string, out: string, steps: number): string[] {
  return [
    ...['train', join(demo, 'zerotune-demo.Q4_1.gguf'), '--task', join(demo, 'task.json')],
    ...['--data', join(demo, 'train.tsv'), '--dev', join(demo, 'dev.tsv')],
    ...['--recipe', recipe, '--steps', String(steps), '--eval-every', String(Math.ceil(steps / 6))],
    ...['--out', out, '--quiet'],
  ]
}

/** Runs the command line; after `killAfterMs` it is killed. Returns its exit status, null where it was killed. */
async function zerotune(args: readonly string[], killAfterMs?: number): Promise<number | null> {
  const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'inherit', 'inherit'] })
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  const status = await new Promise<number | null>((done) => child.once('close', done))
  clearTimeout(timer)
  return status
}

/** Numbers in [0, 1), the same each time. */
function uniform(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 0x100000000
  }
}
