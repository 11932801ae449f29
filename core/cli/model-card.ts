import type { ModelSummary } from '../schema/model-summary.js'
import { formatBytes, formatCount } from './format.js'

/** A model file as a person wants to see it. */
export function modelCard(summary: ModelSummary): string[] {
  const { tokenizer } = summary
  const rows: [label: string, value: string | null][] = [
    ['file', `${summary.path}, ${formatBytes(summary.fileBytes)}, ${formatOf(summary)}`],
    ['architecture', summary.architecture],
    ['licence', summary.licence ?? 'not stated in the file'],
    ['size', sizeOf(summary)],
    ['attention', attentionOf(summary)],
    ['context', counted(summary.contextLength, 'tokens')],
    ['vocabulary', counted(summary.vocabularySize, 'tokens')],
    ['tokenizer', [tokenizer.model, tokenizer.pre].filter((part) => part !== null).join(', ')],
    ...(summary.tensors === undefined ? textRows(summary) : tensorRows(summary.tensors)),
    ['packed', packedBy(summary)],
    ...summary.tensorTypes.map(typeRow),
    ...summary.recipes.map(recipeRow),
  ]
  const shown = rows.filter((row): row is [string, string] => row[1] !== null && row[1] !== '')
  const width = Math.max(...shown.map(([label]) => label.length))
  const title = summary.name ?? 'A model without a name'
  const verdict = summary.canTrain ? 'can be trained' : `cannot be trained: ${summary.reason ?? ''}`
  return [title, ...shown.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`), verdict]
}

function textRows({ hasChatTemplate, isOutputTied }: ModelSummary): [string, string][] {
  return [
    ['chat', hasChatTemplate ? 'has a template of its own' : 'no template'],
    ['output', isOutputTied ? 'shares the embedding table' : 'a table of its own'],
  ]
}

function tensorRows({ inputs, outputs }: NonNullable<ModelSummary['tensors']>): [string, string][] {
  return [
    ...inputs.map((input): [string, string] => ['takes', input]),
    ...outputs.map((output): [string, string] => ['gives', output]),
  ]
}

function formatOf({ format, formatVersion }: ModelSummary): string {
  const names = {
    gguf: `GGUF version ${formatVersion ?? 'unknown'}`,
    safetensors: 'safetensors',
    onnx: 'ONNX',
  }
  return names[format]
}

function packedBy({ packing }: ModelSummary): string | null {
  if (packing === null) return null
  const { method, bits, roundedTensorCount: count } = packing
  const by = `by ${method.toUpperCase()}, ${bits} bits`
  if (count === 0) return `${by}; read as the types below, which hold the same values`
  return `${by}; ${count} matrices have groups or zero points that no block holds, and are read as half floats: quantized without desc_act, or with static groups, they would stay small`
}

function sizeOf({ parameterCount, layerCount, width, feedForwardWidth }: ModelSummary): string {
  const parts = [
    `${formatCount(parameterCount)} parameters`,
    counted(layerCount, 'layers'),
    width === null ? null : `width ${formatCount(width)}`,
    feedForwardWidth === null ? null : `feed-forward ${formatCount(feedForwardWidth)}`,
  ]
  return parts.filter((part) => part !== null).join(', ')
}

function attentionOf({ headCount, kvHeadCount, headWidth, rope }: ModelSummary): string | null {
  if (headCount === null) return null
  const shared =
    kvHeadCount === null || kvHeadCount === headCount ? '' : `, ${kvHeadCount} for keys and values`
  const wide = headWidth === null ? '' : `, ${headWidth} wide`
  const rotation = rope === null ? '' : `, rope base ${formatCount(rope.base)}${scalingOf(rope)}`
  return `${headCount} heads${shared}${wide}${rotation}`
}

function scalingOf({ scaling, positionScale }: NonNullable<ModelSummary['rope']>): string {
  if (scaling === 'linear') return `, positions scaled by ${positionScale}`
  return scaling === 'none' ? '' : ', with frequency factors'
}

function typeRow({
  type,
  tensorCount,
  bytes,
  isSupported,
}: ModelSummary['tensorTypes'][number]): [string, string] {
  const tensors = `${tensorCount} tensor${tensorCount === 1 ? '' : 's'}`
  return [type, `${tensors}, ${formatBytes(bytes)}${isSupported ? '' : ' (not supported)'}`]
}

function recipeRow({ recipe, canTrain, reason }: ModelSummary['recipes'][number]): [string, string] {
  return [recipe, canTrain ? 'can train it' : `cannot: ${reason ?? ''}`]
}

function counted(count: number | null, unit: string): string | null {
  return count === null ? null : `${formatCount(count)} ${unit}`
}
