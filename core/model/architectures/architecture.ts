import type { GgufFile } from '../../formats/gguf/gguf-file.js'
import type { BlockSizes, LinearName, ModelDescription, NormName, RopeDescription } from '../description.js'
import { optionalNumber, positiveCount, positiveNumber } from '../metadata.js'

/** A tensor that holds the rows of several linears, in this order. */
export interface FusedTensor {
  /** In GGUF, without the block and `.weight`. */
  readonly name: string
  readonly linears: readonly LinearName[]
}

/** Which positions a layer sees, and by which rope. */
export interface LayerRule {
  readonly sees: 'all' | 'window'
  readonly rope: 'global' | 'local' | 'none'
}

/** What an architecture reads from metadata; what it leaves out is as in the llama architecture. */
export interface ArchitectureSettings extends Partial<
  Pick<
    ModelDescription,
    'attentionScale' | 'attentionSoftCap' | 'embeddingScale' | 'residualScale' | 'logitScale' | 'logitSoftCap'
  >
> {
  /** Positions that layers that see a `window` see; null where the file names none, so that all layers see all. */
  readonly window?: number | null
  /** Every layer sees all and rotates unless said. */
  readonly layerRule?: (layer: number) => LayerRule
  /** What rotates otherwise in layers with a local rope. */
  readonly localRope?: Partial<RopeDescription>
}

/** Sizes that settings may depend on. */
export type ArchitectureSizes = BlockSizes & Pick<ModelDescription, 'layerCount'>

/**
 * A family of models: which tensors a block has, which pieces its graph is made of, and how its metadata is read. Everything
 * else, forward and backward graphs, generation and exports, follows from this.
 */
export interface Architecture {
  /** `general.architecture` of GGUF. */
  readonly name: string
  /** Which dimensions of a head form a pair that rotates, as GGUF stores them. */
  readonly ropeLayout: RopeDescription['layout']
  readonly norms: readonly NormName[]
  readonly normKind: ModelDescription['normKind']
  readonly queryKeyNorm: ModelDescription['queryKeyNorm']
  readonly activation: ModelDescription['activation']
  readonly fused: readonly FusedTensor[]
  readonly settings: (metadata: ArchitectureMetadata, sizes: ArchitectureSizes) => ArchitectureSettings
}

/** The llama architecture; others are described by what they do otherwise. */
export const llama: Architecture = {
  name: 'llama',
  ropeLayout: 'interleaved',
  norms: ['attn_norm', 'ffn_norm'],
  normKind: 'rms',
  queryKeyNorm: 'head',
  activation: 'silu',
  fused: [],
  settings: () => ({}),
}

/** Metadata under the architecture's own prefix. */
export interface ArchitectureMetadata {
  /** Throws `model-malformed` for a value that is no positive number. */
  positive(name: string, whenMissing: number): number
  /** Null where it is missing or 0. Throws `model-malformed` for a value that is no whole number. */
  count(name: string): number | null
}

/** The metadata of `architecture` in a file. */
export function architectureMetadata(file: GgufFile, architecture: string): ArchitectureMetadata {
  const keyOf = (name: string): string => `${architecture}.${name}`
  return {
    positive: (name, whenMissing) => positiveNumber(file, keyOf(name), whenMissing),
    count: (name) => {
      const value = optionalNumber(file, keyOf(name))
      return value === undefined || value === 0 ? null : positiveCount(file, keyOf(name))
    },
  }
}

/** Of every `period` layers, the last one sees all positions and the others a window. */
export function lastSeesAll(
  period: number,
  rope: 'global' | 'local' = 'global',
): (layer: number) => LayerRule {
  return (layer) =>
    layer % period === period - 1 ? { sees: 'all', rope: 'global' } : { sees: 'window', rope }
}
