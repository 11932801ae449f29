import { buildDecoderGraph, type DecoderPart } from '../graph/decoder-graph.js'
import { tableNames } from '../graph/whole-model-graph.js'
import { ropesOf } from '../model/description.js'
import type { Device, Session, Tensors } from '../runtime/device.js'
import { bytesPerPart, decoderParts } from './decoder-parts.js'
import { decoderWeights } from './decoder-weights.js'
import { embed } from './embed.js'
import { KeyValueCache } from './key-value-cache.js'
import type { LoadedModel } from './loaded-model.js'
import { float32Tensor, int32Tensor } from './matrix-tensors.js'
import { noChanges, type ModelChanges } from './model-changes.js'
import type { NextTokenModel } from './next-token-model.js'
import { RopeTensors } from './rope-tensors.js'
import { withPrompt } from './soft-prompt.js'

/**
 * Opens a model for generation, with what training changed in its weights. The runtime keeps a packed copy of them.
 *
 * @param partLimit bytes of weights that one session holds at most, unless a single block has more
 * @throws EngineError 'runtime-failed'
 */
export async function openDecoder(
  device: Device,
  model: LoadedModel,
  changes: ModelChanges = noChanges,
  partLimit: number = bytesPerPart,
): Promise<NextTokenModel> {
  const parts: OpenPart[] = []
  try {
    for (const part of decoderParts(model, partLimit)) {
      const { formats, contentOf } = decoderWeights(model, changes, part)
      const graph = buildDecoderGraph(model.description, formats, part, contentOf)
      parts.push({ ...part, session: await device.open(graph) })
    }
  } catch (thrown) {
    await closeAll(parts)
    throw thrown
  }
  return new Decoder(model, parts, changes.prompt?.() ?? null)
}

interface OpenPart extends DecoderPart {
  readonly session: Session
}

/** Generates with a key-value cache, one sequence at a time. */
class Decoder implements NextTokenModel {
  readonly contextLength: number
  readonly #model: LoadedModel
  readonly #parts: readonly OpenPart[]
  readonly #cache: KeyValueCache
  /** By the place of a rope in `ropesOf`. */
  readonly #ropes: readonly RopeTensors[]
  readonly #logits: Float32Array
  /** Vectors before every text. */
  readonly #prompt: Float32Array | null

  constructor(model: LoadedModel, parts: readonly OpenPart[], prompt: Float32Array | null) {
    const { description } = model
    this.contextLength = description.contextLength - (prompt?.length ?? 0) / description.width
    this.#prompt = prompt
    this.#model = model
    this.#parts = parts
    this.#cache = new KeyValueCache(description)
    this.#ropes = ropesOf(description).map((rope) => new RopeTensors(rope))
    this.#logits = new Float32Array(description.vocabularySize)
  }

  async next(tokens: readonly number[]): Promise<Float32Array> {
    let hidden = this.#entering(tokens)
    const count = hidden.length / this.#model.description.width
    this.#cache.reserve(count)
    const total = this.#cache.length + count
    const positions: Tensors = {
      lastPositions: int32Tensor(Int32Array.of(total - 1), [1]),
      totalLength: int32Tensor(Int32Array.of(total), [1]),
      ...this.#tables(total),
    }
    const written: Tensors[] = []
    for (const part of this.#parts) {
      const present = this.#cache.newPositions(part.firstLayer, part.endLayer, count)
      written.push(present)
      hidden = await this.#runPart(part, hidden, positions, present)
    }
    this.#cache.append(Object.assign({}, ...written) as Tensors, count)
    return this.#logits
  }

  /** Tokens as the first layer takes them; the first of a text come after the prompt. */
  #entering(tokens: readonly number[]): Float32Array {
    const embedded = embed(this.#model, [Int32Array.from(tokens)])
    if (this.#prompt === null || this.#cache.length > 0) return embedded.data
    return withPrompt(embedded, this.#prompt).data
  }

  reset(): void {
    this.#cache.clear()
  }

  close(): Promise<void> {
    return closeAll(this.#parts)
  }

  #tables(positions: number): Tensors {
    const entries = this.#ropes.flatMap((rope, index) => {
      const names = tableNames('', index)
      const { cosines, sines } = rope.atLeast(positions)
      return [[names.cosines, cosines] as const, [names.sines, sines] as const]
    })
    return Object.fromEntries(entries)
  }

  async #runPart(
    { session, firstLayer, endLayer, hasHead }: OpenPart,
    hidden: Float32Array,
    positions: Tensors,
    present: Tensors,
  ): Promise<Float32Array> {
    const { width, vocabularySize } = this.#model.description
    const past = this.#cache.past(firstLayer, endLayer)
    const shape = [1, hidden.length / width, width]
    const next = hasHead ? this.#logits : new Float32Array(hidden.length)
    const result: Tensors = hasHead
      ? { logits: float32Tensor(next, [1, 1, vocabularySize]) }
      : { nextHidden: float32Tensor(next, shape) }
    await session.run(
      { hidden: float32Tensor(hidden, shape), ...positions, ...past },
      { ...result, ...present },
    )
    return next
  }
}

async function closeAll(parts: readonly OpenPart[]): Promise<void> {
  await Promise.all(parts.map(({ session }) => session.close()))
}
