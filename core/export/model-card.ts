import { basename } from 'node:path'
import type { EvaluationFigures } from '../schema/events.js'
import type { TrainJob } from '../schema/job.js'
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
    `Adapted from **${plain(baseName)}** with Zerotune ${programVersion}. The file keeps its 4-bit codes; training moved ${trainedNumbers.toLocaleString('en-US')} numbers beside them.`,
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
    ...(job.start === null
      ? []
      : [row('Begun at', `step ${job.start.step} of an earlier run with ${job.start.recipe}`)]),
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

function figures({ before, after, lossChange, interval }: ModelCardRequest): string[] {
  if (before === null || after === null) return ['This state was not evaluated.']
  const shown = (side: EvaluationFigures): string => {
    if (side.accuracy === null) return '–'
    const { low, high } = interval(side)
    return `${percent(side.accuracy)} (95 % interval ${percent(low)}–${percent(high)})`
  }
  return [
    `| n = ${before.examples} | base | adapted |`,
    '| --- | --- | --- |',
    `| loss (nats) | ${before.loss.toFixed(4)} | ${after.loss.toFixed(4)} |`,
    `| accuracy | ${shown(before)} | ${shown(after)} |`,
    ...(lossChange === null ? [] : ['', changeLine(lossChange)]),
  ]
}

function changeLine({ mean, low, high }: NonNullable<ModelCardRequest['lossChange']>): string {
  if (low === null || high === null)
    return `Change of the loss: ${mean.toFixed(4)}; too few rows for an interval.`
  const verdict = low <= 0 && high >= 0 ? ' It holds 0: no change was measurable.' : ''
  return `Change of the loss, paired by row: ${mean.toFixed(4)} (95 % interval ${low.toFixed(4)} to ${high.toFixed(4)}).${verdict}`
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
