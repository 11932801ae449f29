import { basename } from 'node:path'
import type { EvaluationFigures } from '../schema/events.js'
import type { TrainJob } from '../schema/job.js'
import type { ProbeRecipe, Recipe } from '../schema/recipe.js'
import { scoreName, type Score } from '../schema/score.js'
import type { TrainedPartSettings } from '../schema/trained-part.js'
import { programVersion } from '../schema/version.js'

/** What a model card says. */
export interface ModelCardRequest {
  readonly name: string
  readonly baseName: string
  /** Null where the base model's file states none. */
  readonly licence: string | null
  readonly job: TrainJob
  readonly step: number
  readonly trainedNumbers: number
  /** On the held-out rows; null where the run has no evaluation of this state. */
  readonly before: EvaluationFigures | null
  readonly after: EvaluationFigures | null
  /** Change of the loss with its 95 % interval, paired by row; null bounds where there are too few rows. */
  readonly lossChange: {
    readonly mean: number
    readonly low: number | null
    readonly high: number | null
  } | null
  /** 95 % interval of an accuracy. */
  readonly interval: (figures: EvaluationFigures) => { readonly low: number; readonly high: number }
}

/** A model card in Markdown: what the model was made from, how, and what is known of how good it is. */
export function modelCardText(card: ModelCardRequest): string {
  const { name, baseName, licence, job, step, trainedNumbers } = card
  const { recipe, data, model } = job
  const dev = data.dev === null ? `${data.devLines.length} rows set aside` : basename(data.dev.path)
  return `${[
    `# ${plain(name)}`,
    '',
    `Adapted from **${plain(baseName)}** with Zerotune ${programVersion}. ${movedSentence(recipe, trainedNumbers)}`,
    '',
    '| | |',
    '| --- | --- |',
    row('Base model', `${plain(basename(model.path))}, SHA-256 \`${model.sha256}\``),
    row('Licence of the base', licence === null ? 'not stated in its file' : plain(licence)),
    row('Training rows', `${plain(basename(data.path))}, SHA-256 \`${data.sha256}\``),
    row('Held-out rows', data.dev === null ? dev : `${plain(dev)}, SHA-256 \`${data.dev.sha256}\``),
    row(
      'Task',
      `\`${JSON.stringify(job.task)
        .replaceAll('|', String.raw`\|`)
        .replaceAll('`', "'")}\``,
    ),
    row('Recipe', `${recipe.name}, layers ${recipe.firstLayer}-${recipe.endLayer - 1}`),
    ...(job.start === null ? [] : [row('Begun at', beginning(job.start))]),
    row(
      'Steps',
      `${step} of ${job.steps}, ${job.batchSize} rows each, learning rate ${recipe.update.learningRate}`,
    ),
    ...(job.keepBase === null
      ? []
      : [row('Kept to its base on', `${plain(basename(job.keepBase.path))}, weight ${job.keepBase.weight}`)]),
    row('Seed', String(job.seed)),
    '',
    '## On held-out rows',
    '',
    ...figures(card),
    '',
    'These figures are about rows like those it was trained on. They say nothing about other tasks, languages or dangers.',
  ].join('\n')}\n`
}

/** What training moved, and what of the base file stayed as it was. */
function movedSentence(recipe: Recipe, trainedNumbers: number): string {
  const kinds = recipe.estimator === 'probes' ? [recipe.parameters] : recipe.parts.map(({ kind }) => kind)
  const moved = [...new Set(kinds.map((kind) => movedNumbers[kind]))].join(' and ')
  const codes = kinds.map((kind) => whatBecameOfCodes[kind]).find((sentence) => sentence !== null)
  const count = trainedNumbers.toLocaleString('en-US')
  return `Training moved ${count} numbers: ${moved}. ${codes ?? 'The weights keep their codes; only the numbers beside them changed.'}`
}

type MovedKind = ProbeRecipe['parameters'] | TrainedPartSettings['kind']

const movedNumbers: Readonly<Record<MovedKind, string>> = {
  'row-factors': 'a factor for each output of the trained layers’ linears',
  'row-and-column-factors': 'factors for the outputs and the inputs of the trained layers’ linears',
  'block-scales': 'the scales of blocks of weights',
  'raw-scales': 'the scales of blocks of weights',
  factors: 'factors for the outputs of the trained layers’ linears',
  scales: 'the scales of blocks of weights',
  'zero-points': 'the zero points of blocks of weights',
  norms: 'the weights of norms',
  biases: 'biases',
  'low-rank': 'low-rank branches beside linears',
  'low-rank-branches': 'low-rank branches beside linears',
  'soft-prompt': 'vectors in front of every prompt',
  'master-weights': 'the weights of some linears themselves, which are rounded to codes again',
  codes: 'the codes of weights themselves',
}

const merged =
  'In a file of one model the branches are merged into the weights, which are quantized anew where they have one; as an adapter, a LoRA file or ONNX they are kept exactly.'

/** Null where every code of the base file stays. */
const whatBecameOfCodes: Readonly<Record<MovedKind, string | null>> = {
  'row-factors': null,
  'row-and-column-factors': null,
  'block-scales': null,
  'raw-scales': null,
  factors: null,
  scales: null,
  'zero-points': null,
  norms: null,
  biases: null,
  'low-rank': merged,
  'low-rank-branches': merged,
  'soft-prompt': 'Every weight of the base file stays as it was.',
  'master-weights': 'The codes of these linears are new; all others are the base file’s.',
  codes: 'Scales are those of the base file, and so is every code that training did not move.',
}

function figures({ job, before, after, lossChange, interval }: ModelCardRequest): string[] {
  if (before === null || after === null) return ['This state was not evaluated.']
  const isPerToken = ['answer', 'text', 'chat'].includes(job.task.kind)
  const shown = (side: EvaluationFigures): string => {
    if (side.accuracy === null) return '–'
    const { low, high } = interval(side)
    return `${percent(side.accuracy)} (95 % interval ${percent(low)}–${percent(high)})`
  }
  return [
    `| n = ${before.examples} | base | adapted |`,
    '| --- | --- | --- |',
    ...(job.score === null
      ? [`| loss (nats) | ${before.loss.toFixed(4)} | ${after.loss.toFixed(4)} |`]
      : [
          `| score (${scoreName(job.score)}) | ${(1 - before.loss).toFixed(4)} | ${(1 - after.loss).toFixed(4)} |`,
        ]),
    ...(isPerToken && job.score === null
      ? [`| perplexity | ${Math.exp(before.loss).toFixed(3)} | ${Math.exp(after.loss).toFixed(3)} |`]
      : []),
    ...(before.accuracy === null
      ? []
      : [`| ${job.score === null ? 'accuracy' : 'rows of score 1'} | ${shown(before)} | ${shown(after)} |`]),
    ...(lossChange === null
      ? []
      : ['', changeLine(job.score === null ? lossChange : ofScore(lossChange), job.score)]),
  ]
}

type Change = NonNullable<ModelCardRequest['lossChange']>

/** A loss is 1 − score there, so that a change turns round. */
function ofScore({ mean, low, high }: Change): Change {
  return { mean: -mean, low: high === null ? null : -high, high: low === null ? null : -low }
}

function changeLine({ mean, low, high }: Change, score: Score | null): string {
  const what = score === null ? 'loss' : 'score'
  if (low === null || high === null)
    return `Change of the ${what}: ${mean.toFixed(4)}; too few rows for an interval.`
  const verdict = low <= 0 && high >= 0 ? ' It holds 0: no change was measurable.' : ''
  return `Change of the ${what}, paired by row: ${mean.toFixed(4)} (95 % interval ${low.toFixed(4)} to ${high.toFixed(4)}).${verdict}`
}

function row(label: string, value: string): string {
  return `| ${label} | ${value} |`
}

/** A name from a file as plain text: nothing in it may become a link, a table or HTML. */
function plain(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>|#!]/g, String.raw`\$&`).replaceAll(/\s+/g, ' ')
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

function beginning(start: NonNullable<TrainJob['start']>): string {
  if ('recipe' in start) return `step ${start.step} of an earlier run with ${start.recipe}`
  if ('lora' in start) return `the branches of ${plain(basename(start.lora))}`
  return `what quantization lost of ${plain(basename(start.original))} (LoftQ)`
}
