import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { RecipeName } from '../core/schema/recipe.js'
import type { Task } from '../core/schema/task.js'
import { digitRows } from './shapes/digit-rows.js'
import { writeShape } from './shapes/write-shape.js'
import type { ShapeName } from './shapes/shape.js'
import { sharedFiles } from './sst2.js'
import { sst2Task, trecTask } from './tasks.js'

/** A run whose memory is planned and then measured. */
export interface PlanCase {
  readonly name: string
  readonly model: string
  readonly data: string
  readonly task: Task
  readonly rows: number
  readonly recipe: RecipeName
  readonly batchSize: number
  readonly budgetBytes: number
  readonly layers?: readonly [first: number, last: number]
}

const roomy = 24e9

/**
 * SmolLM2, the demonstration's model and generated shapes; labels, answers and text; short and long rows; probes and exact
 * gradients; features in a file; layers read from the file.
 *
 * @param folder where generated files may be written
 */
export function planCases(folder: string): PlanCase[] {
  const { model } = sharedFiles()
  const common = { model, batchSize: 16, rows: 512, budgetBytes: roomy }
  const sst2 = { ...common, data: sst2Task().train, task: sst2Task().task }
  const trec = { ...common, data: trecTask().train, task: trecTask().task }
  const answers: Task = {
    version: 1,
    kind: 'answer',
    prompt: 'Question: {question} The answer is a',
    answer: ' {kind}.',
  }
  const wiki = {
    ...common,
    data: resolve(sst2.data, '..', '..', 'wikitext2', 'valid.txt'),
    task: { version: 1, kind: 'text', text: '{text}' } as const,
    rows: 120,
  }
  return [
    { name: 'SST-2, exact-rows, all layers', ...sst2, recipe: 'exact-rows' },
    { name: 'SST-2, exact-rows, upper half', ...sst2, recipe: 'exact-rows', layers: [15, 29] },
    { name: 'SST-2, exact-lora, batch 64', ...sst2, recipe: 'exact-lora', batchSize: 64 },
    { name: 'SST-2, qzo-rows', ...sst2, recipe: 'qzo-rows' },
    { name: 'SST-2, qzo', ...sst2, recipe: 'qzo' },
    { name: 'TREC, exact-rows', ...trec, recipe: 'exact-rows' },
    { name: 'TREC, qzo-rows, batch 4', ...trec, recipe: 'qzo-rows', batchSize: 4 },
    { name: 'TREC as answers, exact-lora', ...trec, task: answers, recipe: 'exact-lora' },
    { name: 'WikiText-2, exact-rows', ...wiki, recipe: 'exact-rows' },
    { name: 'WikiText-2, qzo-rows', ...wiki, recipe: 'qzo-rows' },
    ...demoCases(),
    ...shapeCases(folder),
  ]
}

function demoCases(): PlanCase[] {
  const demo = resolve('resources', 'demo')
  const common = {
    model: join(demo, 'zerotune-demo.Q4_1.gguf'),
    data: join(demo, 'train.tsv'),
    task: { version: 1, kind: 'labels', prompt: '{message}\nTeam:', labelColumn: 'team' } as const,
    rows: 960,
    batchSize: 16,
    budgetBytes: roomy,
  }
  return [
    { name: 'demo, exact-rows', ...common, recipe: 'exact-rows' },
    { name: 'demo, qzo-rows', ...common, recipe: 'qzo-rows' },
  ]
}

function shapeCases(folder: string): PlanCase[] {
  mkdirSync(folder, { recursive: true })
  const data = join(folder, 'digits.tsv')
  writeFileSync(data, digitRows({ count: 24, tokens: 256, seed: 1 }))
  const task: Task = { version: 1, kind: 'labels', prompt: '{text}:', labelColumn: 'kind' }
  const common = { data, task, rows: 24, batchSize: 4, budgetBytes: roomy, recipe: 'exact-rows' } as const
  const small = shapeFile(folder, 'small')
  return [
    { name: 'small shape, 4 x 256 tokens, exact-rows', ...common, model: small },
    { name: 'small shape, 4 x 256 tokens, qzo-rows', ...common, model: small, recipe: 'qzo-rows' },
    { name: 'small shape, layers streamed, exact-rows', ...common, model: small, budgetBytes: 4e8 },
  ]
}

function shapeFile(folder: string, name: ShapeName): string {
  const path = join(folder, `${name}.gguf`)
  writeShape({ name, type: 'Q4_0', seed: 1, path })
  return path
}
