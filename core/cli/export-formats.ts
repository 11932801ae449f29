/** What a run can be exported as. */
export const exportFormats = ['gguf', 'gguf-lora', 'onnx', 'safetensors', 'adapter'] as const
export type ExportFormat = (typeof exportFormats)[number]

/** Formats that are whole models. */
export type ModelFormat = 'gguf' | 'onnx' | 'safetensors'
