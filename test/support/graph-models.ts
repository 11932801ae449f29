import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import onnxProto from 'onnx-proto'
import { onTestFinished } from 'vitest'
import { openGraphModel, type OpenGraphModel } from '../../core/engine/open-graph-model.js'
import { loadRuntime } from '../../core/runtime/load-runtime.js'
import { copyWithTokenizer } from './genai-models.js'
import { temporaryFolder } from './temporary-folder.js'

const { onnx } = onnxProto

const golden = join(import.meta.dirname, '..', 'golden', 'graphs')

/** A graph that tools/graph-models/build.py made, as its file has it. */
export function goldenGraph(name: string): Uint8Array {
  return Uint8Array.from(readFileSync(join(golden, name, 'model.onnx')))
}

/** A copy of one of them with a tokenizer beside it. */
export function graphFolder(name: string): string {
  return copyWithTokenizer(join(golden, name))
}

/** A copy of one of them as it is. */
export function goldenGraphFolder(name: string): string {
  const folder = join(temporaryFolder(), name)
  cpSync(join(golden, name), folder, { recursive: true })
  return folder
}

/** A model by its graph that is closed with the test. */
export function openedGraph(path: string): OpenGraphModel {
  const open = openGraphModel(path, new Date(0))
  onTestFinished(() => open.model.close())
  return open
}

/**
 * The logits after each of `tokens` that onnxruntime gives by the graph in a copy of `neox`, shape [tokens, 64]. Activations stay
 * floats, whatever the graph says.
 */
export async function neoxLogits(folder: string, tokens: readonly number[]): Promise<Float32Array> {
  const { InferenceSession, Tensor } = await loadRuntime()
  const session = await InferenceSession.create(inFloats(folder), {
    intraOpNumThreads: 1,
    extra: { session: { qdq_matmulnbits_accuracy_level: '1' } },
  })
  try {
    const shape = [1, tokens.length]
    const integers = (values: readonly number[]) =>
      new Tensor('int64', BigInt64Array.from(values, BigInt), shape)
    const past = session.inputNames
      .filter((name) => name.startsWith('past'))
      .map((name) => [name, new Tensor('float32', new Float32Array(0), [1, 2, 0, 16])] as const)
    const { logits } = await session.run(
      {
        input_ids: integers(tokens),
        attention_mask: integers(tokens.map(() => 1)),
        position_ids: integers(tokens.map((_, position) => position)),
        num_logits_to_keep: new Tensor('int64', BigInt64Array.of(0n), []),
        ...Object.fromEntries(past),
      },
      ['logits'],
    )
    return (await logits.getData()) as Float32Array
  } finally {
    await session.release()
  }
}

/** The graph of a folder with `accuracy_level` 1, as another file beside it. */
function inFloats(folder: string): string {
  const model = onnx.ModelProto.decode(readFileSync(join(folder, 'model.onnx')))
  for (const { attribute } of model.graph?.node ?? []) {
    for (const each of attribute ?? []) if (each.name === 'accuracy_level') each.i = 1
  }
  const path = join(folder, 'floats.onnx')
  writeFileSync(path, onnx.ModelProto.encode(model).finish())
  return path
}
