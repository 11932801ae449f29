import { join } from 'node:path'
import type { BackwardResult } from './backward.js'
import type { CurvePoint, ExactResult } from './exact.js'
import type { LearningResult } from './learning.js'
import type { Machine } from './machine.js'
import type { LoraResult, PeerResult } from './peer.js'
import { measuredOn, megabytes, percent, range, readResult, type Measured } from './result-text.js'
import type { TextResult } from './text.js'

/** Forward passes only beside exact gradients, as far as `folder` has figures of them: the table of docs/training.md. */
export function recipesTable(folder: string): string {
  const resultOf = (name: string) => readResult(join(folder, `${name}.json`))
  const exact = resultOf('exact') as ({ results: ExactResult[] } & Measured) | null
  const learning = resultOf('learning') as (LearningResult & Measured) | null
  const backward = resultOf('backward') as { results: BackwardResult[] } | null
  const lora = resultOf('lora') as ({ results: LoraRace[] } & Measured) | null
  const mezo = resultOf('peer') as (PeerResult & Measured) | null
  const text = resultOf('text') as (TextResult & Measured) | null
  const sweep = backward?.results.find(({ layers }) => layers === 'all')
  const machine = (exact ?? learning)?.machine
  if (machine === undefined) return ''
  const rows = [
    ...(exact?.results ?? []).map((result) => exactRow(result, sweep)),
    ...(learning === null ? [] : [probesRow(learning)]),
    ...(lora === null ? [] : lora.results.flatMap((race) => raceRows(race, lora.machine))),
    ...(mezo === null ? [] : [mezoRow(mezo)]),
    ...(text === null ? [] : textRows(text)),
  ]
  return [
    `SmolLM2-135M-Instruct (Q4_1 GGUF), batches of 16; ${measuredOn(machine)}, unless a line says otherwise.`,
    '',
    '| task | method | steps | before | after | seconds of training | costs as many forward passes as | peak memory |',
    '|---|---|---|---|---|---|---|---|',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n')
}

function exactRow(result: ExactResult, sweep: BackwardResult | undefined): string[] {
  const { task, recipe, steps, before, final, runs, peakBytes } = result
  const seconds = runs.reduce((sum, { stepMs }) => sum + (stepMs * steps) / 1000, 0) / runs.length
  const passes = sweep === undefined ? '' : Math.round(steps * sweep.bothRatio.median).toString()
  return [
    ...[task, `exact gradients, \`${recipe}\`, ${final.n} seeds`, String(steps), percent(before)],
    ...[range(final, percent), seconds.toFixed(0), passes, megabytes(peakBytes.max)],
  ]
}

function probesRow({ recipe, forwardPasses, runs, before, accuracy, peakBytes }: LearningResult): string[] {
  const steps = forwardPasses - runs[0].curve[0].forwardPasses
  const seconds = runs.reduce((sum, { stepMs }) => sum + stepMs, 0) / runs.length / 1000
  return [
    ...[
      'SST-2',
      `forward passes only, \`${recipe}\`, upper half, ${accuracy.n} seeds`,
      String(steps),
      percent(before),
    ],
    ...[range(accuracy, percent), (seconds * steps).toFixed(0), forwardPasses.toFixed(0)],
    megabytes(peakBytes.max),
  ]
}

/** LoRA in PyTorch, and exact gradients here in the same run. */
interface LoraRace extends LoraResult {
  readonly task: string
  readonly ours: ExactResult
}

const wantedAccuracy = 0.85

function raceRows({ ours, ...peer }: LoraRace, machine: Machine): string[][] {
  const { task, evaluations, steps, peakBytes, torchVersion } = peer
  const { recipe, runs } = ours
  const of = measuredOn(machine)
  const cells = (method: string, curve: readonly CurvePoint[], peak: number | null): string[] => {
    const last = curve[curve.length - 1]
    const reached = curve.find(({ accuracy }) => accuracy >= wantedAccuracy)
    const when = reached === undefined ? 'not reached' : `after ${reached.seconds.toFixed(0)} s`
    return [
      ...[task, `${method}, evaluated every 10 steps, 1 seed (${percent(wantedAccuracy)} ${when}); ${of}`],
      ...[String(steps), percent(curve[0].accuracy), percent(last.accuracy), last.seconds.toFixed(0), ''],
      peak === null ? '' : megabytes(peak),
    ]
  }
  const theirs = evaluations.map(({ step, seconds, devLoss, devAccuracy }) => ({
    ...{ step, seconds },
    ...{ loss: devLoss, accuracy: devAccuracy },
  }))
  return [
    cells(`LoRA in PyTorch ${torchVersion}, fp32`, theirs, peakBytes),
    cells(`exact gradients, \`${recipe}\``, runs[0].curve, ours.peakBytes.max),
  ]
}

function mezoRow(result: PeerResult & Measured): string[] {
  const { steps, evaluations, stepSecondsMean, peakBytes, torchVersion, machine } = result
  const [first, last] = [evaluations[0], evaluations[evaluations.length - 1]]
  return [
    ...[
      'SST-2',
      `MeZO as published, PyTorch ${torchVersion}, fp32, 1 seed; ${measuredOn(machine)}`,
      String(steps),
    ],
    ...[percent(first.devAccuracy), percent(last.devAccuracy), (steps * stepSecondsMean).toFixed(0)],
    ...[String(last.forwardPasses), peakBytes === null ? '' : megabytes(peakBytes)],
  ]
}

/** Running text has perplexities in place of accuracies. */
function textRows({ runs, steps, batchSize, machine }: TextResult & Measured): string[][] {
  return runs.map(({ method, before, after, stepMs, peakBytes }) => [
    'WikiText-2',
    `${method === 'lora-pytorch' ? 'LoRA in PyTorch, fp32' : `exact gradients, \`${method}\``}, ${batchSize} lines of text a step, 1 seed; ${measuredOn(machine)}`,
    String(steps),
    ...[before, after].map((perplexity) => `perplexity ${perplexity.toFixed(2)}`),
    ...[((stepMs * steps) / 1000).toFixed(0), '', peakBytes === null ? '' : megabytes(peakBytes)],
  ])
}
