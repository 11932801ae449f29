import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { exactByDefault } from '../core/training/plan-run.js'
import { measureLearning } from './learning.js'
import { measureKeeping } from './keep-base.js'
import { describeMachine } from './machine.js'
import { compareAutograd } from './autograd.js'
import { measureBackward } from './backward.js'
import { measureAlignment, type AlignmentResult } from './alignment.js'
import { alignmentTable } from './alignment-table.js'
import { measureExact, type ExactResult } from './exact.js'
import { measureExamples } from './examples.js'
import { measureMemoryPlans } from './memory-plan.js'
import { measureLora, measurePeer } from './peer.js'
import { measurePeers, type PeerMethod } from './peers.js'
import { objectivesTable } from './objectives-table.js'
import { measureOptimizers, type OptimizerResult } from './optimizers.js'
import { optimizersTable } from './optimizers-table.js'
import { demoSubject, smolSubjects, surveyMethods } from './methods.js'
import { methodsTable } from './methods-table.js'
import { performanceTable } from './performance-table.js'
import { measureCodeTables } from './quantizers/measure-code-tables.js'
import { measureIntegers } from './quantizers/measure-integers.js'
import { measureQuantizers } from './quantizers/measure-quantizers.js'
import { readmeTable } from './readme-table.js'
import { recipesTable } from './recipes-table.js'
import { withTable } from './result-text.js'
import { measureRows } from './rows/measure-rows.js'
import { measureSampledGradients, sampledTable } from './sampled-gradients.js'
import { measureShapes, type ShapeCaseResult } from './shapes/measure-shapes.js'
import { measureOpening } from './opening.js'
import { measureSpeed } from './speed.js'
import { sst2Task, trecTask } from './tasks.js'
import { measureText } from './text.js'
import { writeCharts } from './charts.js'
import { measureKernels, type KernelResult } from './kernels/measure-kernels.js'
import { measureThroughput } from './throughput.js'
import { measureTwoBits } from './two-bits.js'

const usage = `npm run bench -- [speed] [throughput] [kernels] [opening] [learning] [memory] [peer] [peers] [backward] [exact] [lora] [text] [keep] [twobits] [examples] [optimizers] [sampled] [alignment] [plan] [quantizers] [codetables] [integers] [rows] [shapes] [table]
  speed     step time of each recipe against bare forward passes
  kernels     products with constant weights, with activations in 8 bits and in half floats, against ours, and what they do to probes
  throughput  tokens a second for 64 to 4,096 tokens, against the bare products and llama.cpp
  opening   from the command typed to a first loss
  learning  SST-2 accuracy of the default recipe, three seeds
  memory    peak memory of a short run: the feature cache, some steps, two evaluations
  peer      MeZO in PyTorch, then the default recipe on the same batches (installs its own virtual environment)
  peers     seconds a step, memory and seconds to a loss: ours, MeZO (float32, bfloat16) and LoRA in PyTorch
  backward  exact gradients against bare forward passes, and against PyTorch's autograd
  exact     SST-2 (60, 150 and 300 steps) and TREC (50 and 100) by exact gradients, three seeds
  lora      LoRA in PyTorch, then exact gradients on the same batches: seconds to 85 %, and memory
  text      WikiText-2 perplexity by exact gradients, and by LoRA in PyTorch on the same batches
  keep      WikiText-2 perplexity after SST-2, without and with text to keep to the base on
  twobits   2-bit queries and values on WikiText-2, by exact gradients and as ZeroQAT, in equal time
  examples  our own answers and preference pairs, before and after
  optimizers  AdamW in its forms, Grass, Lion and gradient descent at equal steps
  sampled   what weight gradients of some tokens only would save, and cost in variance
  alignment  how well steps by forward passes agree with the true gradient, and where that lies
  plan      planned against measured peak memory, 15 runs
  quantizers  SmolLM2 written in other types: perplexity, size, seconds and memory
  codetables  its linears as codes of a table beside 4-bit types: the same figures
  integers    its linears as integers in blocks, 2 to 8 bits: the same figures
  rows      indexing a JSON Lines file of 10 GB (--megabytes), and reading rows anywhere in it
  shapes    three steps of 8B and 13B shapes within their budgets (models of 12 GB in --folder, an hour or more)
  methods   every recipe within equal forward passes, appended to methods.jsonl (hours with SST-2 and TREC)
  table     writes the tables of README.md, docs/training.md and docs/performance.md from bench/results
Without names: all but rows and shapes.
  --passes 1000   forward passes of a batch that a run may cost
  --seeds 1,2,3
  --subject demo  of methods: demo, SST-2, TREC, with commas between
  --seconds 60    of training for twobits
  --batches 8     of sampled
  --peer-passes   passes of the peer (default: as --passes)
  --megabytes     of the file for rows (default: 10000)
  --folder        where generated models stay (default: zerotune-shapes in the temporary folder)
  --shape         only cases of shapes with this in their name, such as 'qzo-rows'; may be given again`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    passes: { type: 'string', default: '1000' },
    seeds: { type: 'string', default: '1,2,3' },
    'peer-passes': { type: 'string' },
    subject: { type: 'string', default: 'demo' },
    seconds: { type: 'string', default: '60' },
    batches: { type: 'string', default: '8' },
    megabytes: { type: 'string', default: '10000' },
    folder: { type: 'string', default: join(tmpdir(), 'zerotune-shapes') },
    shape: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', default: false },
  },
})

const all = [
  'speed',
  'throughput',
  'kernels',
  'opening',
  'learning',
  'memory',
  'peer',
  'peers',
  'backward',
  'exact',
  'lora',
  'text',
  'keep',
  'twobits',
  'examples',
  'optimizers',
  'methods',
  'sampled',
  'alignment',
  'plan',
  'quantizers',
  'codetables',
  'integers',
  'table',
]
/** Enough for the feature cache and 60 steps. */
const memoryPasses = 188
const wanted = positionals.length > 0 ? positionals : all
const say = (line: string) => process.stdout.write(`${line}\n`)

if (values.help || wanted.some((name) => ![...all, 'rows', 'shapes'].includes(name))) {
  say(usage)
  process.exitCode = values.help ? 0 : 2
} else {
  const seeds = values.seeds.split(',').map(Number)
  const passes = Number(values.passes)
  if (wanted.includes('speed')) {
    const results = []
    for (const recipe of ['qzo-rows', 'qzo'] as const) {
      const result = await measureSpeed(recipe, 12)
      say(`${recipe}: step ${result.stepMs.median.toFixed(0)} ms, ratio ${result.ratio.median.toFixed(3)}`)
      results.push(result)
    }
    save('speed', { results })
  }
  if (wanted.includes('throughput')) save('throughput', await measureThroughput(5, say))
  if (wanted.includes('kernels')) {
    const results: KernelResult[] = []
    for await (const result of measureKernels(5, say)) {
      results.push(result)
      save('kernels', { results })
    }
  }
  if (wanted.includes('opening')) {
    const result = await measureOpening(5)
    say(`first loss after ${result.firstLossMs.median.toFixed(0)} ms`)
    save('opening', result)
  }
  if (wanted.includes('learning')) save('learning', await measureLearning(passes, seeds, say))
  if (wanted.includes('memory')) save('memory', await measureLearning(memoryPasses, [seeds[0]], say))
  if (wanted.includes('peer')) {
    const peerPasses = Number(values['peer-passes'] ?? passes)
    const steps = Math.floor(peerPasses / 2)
    const peer = await measurePeer(sst2Task(), {
      seed: seeds[0],
      steps,
      evaluateEvery: Math.ceil(steps / 2),
    })
    // In the same run, of the same seed and at the same cost.
    const ours = await measureLearning(peerPasses, [seeds[0]], say)
    save('peer', { ...peer, ours })
  }
  if (wanted.includes('peers')) {
    const { name, batchSize } = sst2Task()
    const methods: PeerMethod[] = []
    for await (const method of measurePeers(sst2Task(), seeds[0], say)) {
      methods.push(method)
      save('peers', { task: name, batchSize, methods })
    }
  }
  if (wanted.includes('backward')) {
    const results = []
    for (const layers of ['all', 'upper half'] as const) {
      const result = await measureBackward(sst2Task(), layers, 12)
      const { sweepRatio, bothRatio } = result
      say(
        `${layers}: sweep ${sweepRatio.median.toFixed(2)}, with the forward pass ${bothRatio.median.toFixed(2)}`,
      )
      results.push(result)
    }
    const autograd = await compareAutograd(sst2Task(), seeds[0])
    say(`against PyTorch's autograd: relative difference ${autograd.relativeDifference.toExponential(1)}`)
    save('backward', { results, autograd })
  }
  if (wanted.includes('exact')) {
    const results: ExactResult[] = []
    for (const [task, steps] of [
      // What a minute gives, then what more steps give.
      [sst2Task(), 60],
      [trecTask(), 50],
      [trecTask(), 100],
      [sst2Task(), 150],
      [sst2Task(), 300],
    ] as const) {
      const settings = { recipe: exactByDefault, steps, evaluateEvery: steps, seeds } as const
      results.push(await measureExact(task, settings, say))
      save('exact', { results })
    }
  }
  if (wanted.includes('lora')) {
    const [seed] = seeds
    const settings = { steps: 60, evaluateEvery: 10 }
    const peer = await measureLora(sst2Task(), { ...settings, seed })
    // In the same run, on the same batches.
    const ours = await measureExact(sst2Task(), { ...settings, recipe: exactByDefault, seeds: [seed] }, say)
    save('lora', { results: [{ task: 'SST-2', ...peer, ours }] })
  }
  if (wanted.includes('text')) {
    save('text', await measureText({ steps: 60, batchSize: 4, seed: seeds[0] }, say))
  }
  if (wanted.includes('keep')) {
    const settings = { steps: 50, seed: seeds[0], weights: [null, 1] }
    save('keep', { results: [{ task: 'SST-2', ...(await measureKeeping(sst2Task(), settings, say)) }] })
  }
  if (wanted.includes('twobits')) {
    save('twobits', await measureTwoBits(Number(values.seconds), 'attn_q,attn_v', say))
  }
  if (wanted.includes('examples')) {
    save('examples', await measureExamples({ steps: 120, pairSteps: 20, seed: seeds[0] }, say))
  }
  if (wanted.includes('shapes')) {
    // One at a time: each may take an hour.
    for await (const result of measureShapes(values.folder, values.shape, say)) {
      const others = shapeResults().filter((other) => other.case.name !== result.case.name)
      save('shapes', { results: [...others, result] })
    }
  }
  if (wanted.includes('rows')) save('rows', measureRows(Number(values.megabytes) * 1e6, say))
  if (wanted.includes('optimizers')) {
    const results: OptimizerResult[] = []
    for await (const result of measureOptimizers(seeds, say)) {
      results.push(result)
      save('optimizers', { results })
    }
  }
  if (wanted.includes('sampled'))
    save('sampled', await measureSampledGradients(sst2Task(), Number(values.batches), say))
  if (wanted.includes('alignment')) {
    const results: AlignmentResult[] = []
    const settings = { examples: 64, draws: 24, steps: 40, seed: seeds[0] }
    for await (const result of measureAlignment(sst2Task(), settings, say)) {
      results.push(result)
      save('alignment', { results })
    }
  }
  if (wanted.includes('plan')) save('plan', { results: await measureMemoryPlans(say) })
  if (wanted.includes('quantizers')) save('quantizers', await measureQuantizers(say))
  if (wanted.includes('codetables')) save('codetables', await measureCodeTables(say))
  if (wanted.includes('integers')) save('integers', await measureIntegers(say))
  if (wanted.includes('methods')) {
    const names = values.subject.split(',')
    const smol = names.some((name) => name !== 'demo') ? smolSubjects() : []
    for (const subject of [demoSubject(), ...smol].filter(({ name }) => names.includes(name))) {
      await surveyMethods(subject, passes, seeds, 'bench/results/methods.jsonl', say)
    }
  }
  if (wanted.includes('table')) {
    for (const [page, tableOf, name] of [
      ['README.md', readmeTable, ''],
      ['docs/training.md', recipesTable, ''],
      ['docs/training.md', objectivesTable, 'of other objectives'],
      ['docs/training.md', optimizersTable, 'of optimizers'],
      ['docs/training.md', sampledTable, 'of sampled gradients'],
      ['docs/methods.md', methodsTable, ''],
      ['docs/methods.md', alignmentTable, 'of alignment'],
      ['docs/performance.md', performanceTable, ''],
    ] as const) {
      writeFileSync(page, withTable(readFileSync(page, 'utf8'), tableOf('bench/results'), name))
      say(`${page}: table ${name} written`)
    }
    say(`charts written: ${writeCharts('bench/results', 'docs/charts').join(', ')}`)
  }
}

/** Those of earlier calls; none where there were none. */
function shapeResults(): ShapeCaseResult[] {
  const path = 'bench/results/shapes.json'
  if (!existsSync(path)) return []
  return (JSON.parse(readFileSync(path, 'utf8')) as { readonly results: ShapeCaseResult[] }).results
}

function save(name: string, result: object): void {
  mkdirSync('bench/results', { recursive: true })
  const path = `bench/results/${name}.json`
  writeFileSync(path, `${JSON.stringify({ machine: describeMachine(), ...result }, null, 2)}\n`)
  say(`${path} written`)
}
