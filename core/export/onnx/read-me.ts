/** What a person who finds the folder needs to run it. */
export function readMe(name: string): string {
  return `# ${name || 'A language model'}

An ONNX export of Zerotune. \`model.onnx\` and \`model.onnx_data\` belong together; plain onnxruntime loads them.
\`metadata.gguf\` holds the description and the tokenizer of the model file that this came from, without weights.

Zerotune:

    zerotune generate PATH-OF-THIS-FOLDER

onnxruntime-genai (Python):

    import onnxruntime_genai as og
    model = og.Model('PATH-OF-THIS-FOLDER')

transformers.js (with \`env.localModelPath\` set to the folder around this one; the files lie side by side, not in a folder
\`onnx\`, which \`subfolder\` says):

    const generator = await pipeline('text-generation', 'NAME-OF-THIS-FOLDER', { subfolder: '' })
`
}
