import { describe, expect, it } from 'vitest'
import { modelfile, type ModelfileRequest } from '../../../core/export/modelfile.js'

const request: ModelfileRequest = {
  modelPath: '/models/router.gguf',
  task: { version: 1, kind: 'answer', prompt: '{question}', answer: '{answer}' },
  chatTemplate: null,
  system: null,
  stops: ['<|endoftext|>'],
  contextLength: 2048,
  labelTokens: null,
}

describe('a Modelfile', () => {
  it('gives a prompt to the model as it is, and says where an answer ends', () => {
    expect(modelfile(request)).toBe(
      [
        'FROM /models/router.gguf',
        'TEMPLATE """{{ .Prompt }}"""',
        'PARAMETER stop "<|endoftext|>"',
        'PARAMETER num_ctx 2048',
        'PARAMETER temperature 0',
        '',
      ].join('\n'),
    )
  })

  it('writes ChatML out for conversations, and leaves other templates to Ollama', () => {
    const task = { version: 1, kind: 'chat', messages: 'messages' } as const
    const chatMl = modelfile({ ...request, task, chatTemplate: "{{ '<|im_start|>' + role }}" })
    expect(chatMl).toMatch(/<\|im_start\|>assistant\n"""/)
    expect(modelfile({ ...request, task, chatTemplate: '[INST] {{ content }}' })).not.toMatch(/TEMPLATE/)
  })

  it('ends an answer after a label, since nothing that follows one was taught', () => {
    expect(modelfile({ ...request, labelTokens: 2 })).toContain('PARAMETER num_predict 2\n')
    expect(modelfile(request)).not.toContain('num_predict')
  })

  it('keeps a system text within its quotes', () => {
    const text = modelfile({ ...request, system: 'Be brief.""" \nFROM evil' })
    expect(text).toContain('SYSTEM """Be brief.\'\'\' \nFROM evil"""')
  })
})
