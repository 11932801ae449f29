import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { measureLearning } from './learning.js'
import { describeMachine } from './machine.js'
import { measurePeer } from './peer.js'
import { readmeTable, withTable } from './readme-table.js'
import { measureSpeed } from './speed.js'

const usage = `npm run bench -- [speed] [learning] [memory] [peer] [table]
  speed     step time of each recipe against bare forward passes
  learning  SST-2 accuracy of the default recipe, three seeds
  memory    peak memory of a short run: the feature cache, some steps, two evaluations
  peer      MeZO in PyTorch on the same batches (installs its own virtual environment)
  table     writes the README's table from bench/results
Without names: all of them.
  --passes 1000   forward passes of a batch that a run may cost
  --seeds 1,2,3
  --peer-passes   passes of the peer (default: as --passes)`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    passes: { type: 'string', default: '1000' },
    seeds: { type: 'string', default: '1,2,3' },
    'peer-passes': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const all = ['speed', 'learning', 'memory', 'peer', 'table']
/** Enough for the feature cache and 60 steps. */
const memoryPasses = 188
const wanted = positionals.length > 0 ? positionals : all
const say = (line: string) => process.stdout.write(`${line}\n`)

if (values.help || wanted.some((name) => !all.includes(name))) {
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
  if (wanted.includes('learning')) save('learning', await measureLearning(passes, seeds, say))
  if (wanted.includes('memory')) save('memory', await measureLearning(memoryPasses, [seeds[0]], say))
  if (wanted.includes('peer')) {
    const steps = Math.floor(Number(values['peer-passes'] ?? passes) / 2)
    save('peer', await measurePeer(seeds[0], steps, Math.ceil(steps / 2)))
  }
  if (wanted.includes('table')) {
    const readme = readFileSync('README.md', 'utf8')
    writeFileSync('README.md', withTable(readme, readmeTable('bench/results')))
    say('README.md: table written')
  }
}

function save(name: string, result: object): void {
  mkdirSync('bench/results', { recursive: true })
  const path = `bench/results/${name}.json`
  writeFileSync(path, `${JSON.stringify({ machine: describeMachine(), ...result }, null, 2)}\n`)
  say(`${path} written`)
}
