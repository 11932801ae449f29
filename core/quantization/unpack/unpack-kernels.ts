import { advance, wasm, wasmModule, type Code } from '../../wasm/module.js'

/**
 * Unpacks `blocks` blocks of `blockBytes` bytes of codes, a multiple of 8: value = (code − zeroPoint) · scale in float32.
 *
 * @param codes address of the codes; the others likewise, of float32
 * @param zeroStep bytes from one block's zero point to the next: 4, or 0 where all share one
 */
export type UnpackKernel = (
  codes: number,
  scales: number,
  zeroPoints: number,
  target: number,
  blocks: number,
  blockBytes: number,
  zeroStep: number,
) => void

const parameterNames = [
  'codes',
  'scales',
  'zeroPoints',
  'target',
  'blocks',
  'blockBytes',
  'zeroStep',
] as const
const [codes, scales, zeroPoints, target, blocks, blockBytes, zeroStep] = parameterNames.keys()
const end = parameterNames.length
const [scale, zeroPoint, low, high, values] = [1, 2, 3, 4, 5].map((vector) => end + vector)

/**
 * The bytes of a WebAssembly module with a kernel for 4-bit and one for 8-bit codes, `unpackNibbles` and `unpackBytes`.
 * With vectors of four floats a code takes about a third of a nanosecond, a tenth of plain JavaScript's time.
 */
export function unpackModule(): Uint8Array {
  const shape = { parameters: parameterNames.length, integers: 1, vectors: 5 }
  return wasmModule([
    { name: 'unpackNibbles', ...shape, body: forEachBlock(unpackEightBytesOfNibbles(), 64) },
    { name: 'unpackBytes', ...shape, body: forEachBlock(unpackEightBytes(), 32) },
  ])
}

/** Every block with its scale and zero point, eight bytes of codes at a time, which unpack to `stepBytes` bytes. */
function forEachBlock(step: readonly Code[], stepBytes: number): Code[] {
  return [
    wasm.repeatWhile(
      ...[wasm.get(scales), wasm.loadSplatFloat, wasm.set(scale)],
      ...[wasm.get(zeroPoints), wasm.loadSplatFloat, wasm.set(zeroPoint)],
      ...[wasm.get(codes), wasm.get(blockBytes), wasm.addInts, wasm.set(end)],
      wasm.repeatWhile(
        ...step,
        ...advance(target, wasm.int(stepBytes)),
        ...advance(codes, wasm.int(8)),
        ...[wasm.get(codes), wasm.get(end), wasm.isLess],
      ),
      ...advance(scales, wasm.int(4)),
      ...advance(zeroPoints, wasm.get(zeroStep)),
      ...[wasm.get(blocks), wasm.int(1), wasm.subtractInts, wasm.tee(blocks)],
    ),
  ]
}

/** Sixteen 4-bit codes: low and high nibbles apart, then in turn, then as floats. */
function unpackEightBytesOfNibbles(): Code[] {
  const inTurn = Array.from({ length: 16 }, (_, lane) => (lane >> 1) + 16 * (lane & 1))
  return [
    ...[
      wasm.get(codes),
      wasm.loadEightBytes,
      wasm.tee(low),
      wasm.int(4),
      wasm.shiftBytesRight,
      wasm.set(high),
    ],
    ...[wasm.get(low), wasm.int(15), wasm.splatBytes, wasm.and],
    ...[wasm.get(high), wasm.shuffleBytes(inTurn), wasm.set(low)],
    ...[wasm.get(low), wasm.lowBytesToShorts, wasm.set(values), ...storeEightFloats(0)],
    ...[wasm.get(low), wasm.highBytesToShorts, wasm.set(values), ...storeEightFloats(32)],
  ]
}

function unpackEightBytes(): Code[] {
  return [wasm.get(codes), wasm.loadEightBytesAsShorts, wasm.set(values), ...storeEightFloats(0)]
}

/** Writes (value − zeroPoint) · scale of the eight shorts in `values`. */
function storeEightFloats(offset: number): Code[] {
  return [wasm.lowShortsToInts, wasm.highShortsToInts].flatMap((half, index) => [
    ...[wasm.get(target), wasm.get(values), half, wasm.intsToFloats],
    ...[wasm.get(zeroPoint), wasm.subtractFloats, wasm.get(scale), wasm.multiplyFloats],
    wasm.store(offset + 16 * index),
  ])
}
