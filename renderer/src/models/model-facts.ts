import type { ModelSummary } from '../../../core/schema/model-summary.js'
import type { Format } from '../text/format.js'
import type { Translate } from '../text/use-text.js'

/** A name and a value as a person reads them. */
export interface Fact {
  readonly name: string
  readonly value: string
}

/** What most people want to know of a model, in that order. */
export function modelFacts(summary: ModelSummary, t: Translate, format: Format): readonly Fact[] {
  const { fileBytes, parameterCount, layerCount, contextLength, licence, hasChatTemplate } = summary
  return [
    fact('parameters', format.compact(parameterCount)),
    fact('size', format.bytes(fileBytes)),
    fact('quantization', quantization(summary)),
    fact('layers', layerCount === null ? null : format.count(layerCount)),
    fact(
      'context',
      contextLength === null ? null : t('models.tokens', { count: format.count(contextLength) }),
    ),
    fact('licence', licence),
    fact('architecture', summary.architecture),
    fact('chat', t(hasChatTemplate ? 'common.yes' : 'common.no')),
  ]

  function fact(name: Parameters<typeof factName>[0], value: string | null): Fact {
    return { name: factName(name, t), value: value ?? t('common.unknown') }
  }
}

/** The model's shape, for people who know what it means. */
export function shapeFacts(summary: ModelSummary, t: Translate, format: Format): readonly Fact[] {
  const { width, feedForwardWidth, headCount, kvHeadCount, headWidth, vocabularySize, tokenizer } = summary
  const count = (value: number | null) => (value === null ? t('common.unknown') : format.count(value))
  return [
    { name: factName('width', t), value: count(width) },
    { name: factName('feedForward', t), value: count(feedForwardWidth) },
    {
      name: factName('heads', t),
      value:
        headCount === null
          ? t('common.unknown')
          : t('models.headsValue', {
              heads: count(headCount),
              width: count(headWidth),
              keyValue: count(kvHeadCount),
            }),
    },
    { name: factName('vocabulary', t), value: count(vocabularySize) },
    {
      name: factName('tokenizer', t),
      value: [tokenizer.model, tokenizer.pre].filter((part) => part !== null).join(' · '),
    },
    { name: factName('output', t), value: t(summary.isOutputTied ? 'models.tied' : 'models.untied') },
    { name: factName('file', t), value: fileFormat(summary) },
  ]
}

function fileFormat({ format, formatVersion }: ModelSummary): string {
  const names = { gguf: `GGUF ${formatVersion ?? ''}`.trim(), safetensors: 'safetensors', onnx: 'ONNX' }
  return names[format]
}

/** Who packed the weights, or the type that most of them have. */
function quantization({ tensorTypes, packing }: ModelSummary): string | null {
  if (packing !== null) return `${packing.method.toUpperCase()} ${packing.bits} bit`
  return tensorTypes.toSorted((left, right) => right.bytes - left.bytes)[0]?.type ?? null
}

function factName(
  name:
    | 'parameters'
    | 'size'
    | 'quantization'
    | 'layers'
    | 'context'
    | 'licence'
    | 'architecture'
    | 'chat'
    | 'width'
    | 'feedForward'
    | 'heads'
    | 'vocabulary'
    | 'tokenizer'
    | 'output'
    | 'file',
  t: Translate,
): string {
  return t(`models.facts.${name}`)
}
