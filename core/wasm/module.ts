/** Bytes of a WebAssembly instruction, or of several. Source: WebAssembly core specification 2.0, chapter 5. */
export type Code = readonly number[]

/** The instructions that our kernels use. Loads and stores take the address from the stack. */
export const wasm = {
  get: (local: number): Code => [0x20, local],
  set: (local: number): Code => [0x21, local],
  tee: (local: number): Code => [0x22, local],
  int: (value: number): Code => [0x41, ...signedLeb(value)],
  addInts: [0x6a],
  subtractInts: [0x6b],
  isLess: [0x49],
  loadInt: [0x28, 2, 0],
  float: (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)],
  /** Repeats `body` while it leaves a number other than 0. */
  repeatWhile: (...body: readonly Code[]): Code => [0x03, 0x40, ...body.flat(), 0x0d, 0, 0x0b],
  load: (offset: number): Code => simd(0x00, 2, offset),
  loadSplatFloat: simd(0x09, 2, 0),
  loadEightBytes: simd(0x5d, 3, 0),
  loadEightBytesAsShorts: simd(0x02, 3, 0),
  store: (offset: number): Code => simd(0x0b, 2, offset),
  ints: (lanes: Code): Code => simd(0x0c, ...new Uint8Array(Int32Array.from(lanes).buffer)),
  splatBytes: simd(0x0f),
  splatInts: simd(0x11),
  splatFloats: simd(0x13),
  and: simd(0x4e),
  /** Of two vectors, bits of the first where the third has ones, of the second elsewhere. */
  select: simd(0x52),
  areEqualInts: simd(0x37),
  shiftIntsLeft: simd(0xab),
  addIntLanes: simd(0xae),
  nearest: simd(0x6a),
  minimum: simd(0xe8),
  maximum: simd(0xe9),
  floatsToInts: simd(0xf8),
  shiftBytesRight: simd(0x6d),
  /** The bytes at `lanes` of two vectors put one after the other. */
  shuffleBytes: (lanes: Code): Code => simd(0x0d, ...lanes),
  lowBytesToShorts: simd(0x89),
  highBytesToShorts: simd(0x8a),
  lowShortsToInts: simd(0xa9),
  highShortsToInts: simd(0xaa),
  intsToFloats: simd(0xfa),
  addFloats: simd(0xe4),
  subtractFloats: simd(0xe5),
  multiplyFloats: simd(0xe6),
} as const

/** Adds a distance to an integer local. */
export function advance(local: number, distance: Code): Code[] {
  return [wasm.get(local), distance, wasm.addInts, wasm.set(local)]
}

/** A function of 32-bit integers that gives nothing back. Its locals follow its parameters: integers, then vectors. */
export interface WasmFunction {
  readonly name: string
  readonly parameters: number
  readonly integers: number
  readonly vectors: number
  readonly body: readonly Code[]
}

/** The bytes of a module over an imported memory, `host.memory`, that exports `functions`. */
export function wasmModule(functions: readonly WasmFunction[]): Uint8Array {
  const int32 = 0x7f
  const vector128 = 0x7b
  const types = functions.map(({ parameters }) => [0x60, ...list(Array(parameters).fill([int32])), 0])
  const memory = [...text('host'), ...text('memory'), 0x02, 0x00, 0]
  const exports = functions.map(({ name }, index) => [...text(name), 0x00, index])
  const bodies = functions.map(({ integers, vectors, body }) => {
    const locals = list([
      [integers, int32],
      [vectors, vector128],
    ])
    return sized([...locals, ...body.flat(), 0x0b])
  })
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, list(types)),
    ...section(2, list([memory])),
    ...section(3, list(functions.map((_, index) => [index]))),
    ...section(7, list(exports)),
    ...section(10, list(bodies)),
  ])
}

function simd(opcode: number, ...operands: Code): Code {
  return [0xfd, ...leb(opcode), ...operands]
}

function section(id: number, content: Code): Code {
  return [id, ...sized(content)]
}

function list(items: readonly Code[]): Code {
  return [...leb(items.length), ...items.flat()]
}

function sized(content: Code): Code {
  return [...leb(content.length), ...content]
}

function text(value: string): Code {
  return sized([...new TextEncoder().encode(value)])
}

/** Seven bits a byte, the lowest first; the top bit says that more follow. */
function leb(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)]
}

function signedLeb(value: number): Code {
  const isLast = value >= -0x40 && value < 0x40
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signedLeb(value >> 7)]
}
