/** The part of WebAssembly that we use; TypeScript knows it as a part of browsers only. */
declare const WebAssembly: {
  readonly Memory: new (limits: { readonly initial: number }) => WasmMemory
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: { readonly host: { readonly memory: WasmMemory } },
  ) => { readonly exports: unknown }
}

/** Memory that kernels work in. Arrays over its buffer are lost when it grows. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer
  /** Adds pages. @throws RangeError beyond 4 GiB, or what the machine has */
  grow(pages: number): number
}

export const pageBytes = 65_536

/** Memory of at least `bytes` bytes, all zero. @throws RangeError beyond 4 GiB, or what the machine has */
export function wasmMemory(bytes: number): WasmMemory {
  return new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(bytes / pageBytes)) })
}

/** The exported functions of a module that `wasmModule` made, over `memory`; its caller knows their types. */
export function openKernels(module: Uint8Array, memory: WasmMemory): unknown {
  return new WebAssembly.Instance(new WebAssembly.Module(module), { host: { memory } }).exports
}
