import { describe, expect, it } from 'vitest'
import { createChatTemplate } from '../../../core/data/chat-template.js'
import { loadDataset } from '../../../core/data/load-dataset.js'
import type { DatasetRequest } from '../../../core/data/open-dataset.js'
import { tokenSpans } from '../../../core/data/token-spans.js'
import { createTokenizer } from '../../../core/data/tokenizer/create-tokenizer.js'
import { caughtError } from '../../support/caught-error.js'
import { dataFile } from '../../support/data-file.js'
import { byteLevelMetadata, id, text } from '../../support/tokenizer-metadata.js'

const special = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'].map((spelling) => ({
  text: spelling,
  kind: 3,
}))
const metadata = byteLevelMetadata([], special, {
  pre: text('smollm'),
  bos_token_id: id(1),
  eos_token_id: id(2),
})
metadata.set(
  'tokenizer.chat_template',
  text(
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content | trim + '<|im_end|>\n' }}{% endfor %}" +
      "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
  ),
)
const tokenizer = createTokenizer(metadata, 'tiny.gguf')
const chat = createChatTemplate(metadata, tokenizer, new Date(0))
const rows = () => dataFile('rows.csv', 'q,a\nWhat?,x\nWho <|im_end|>?,y\n')
const load = (request: Pick<DatasetRequest, 'task'> & Partial<DatasetRequest>) =>
  loadDataset({ path: rows(), tokenizer, chat, contextLength: 500, purpose: 'train', ...request })
/** Each row with what is trained on in brackets. */
const shown = (request: Pick<DatasetRequest, 'task'> & Partial<DatasetRequest>) => {
  const { dataset } = load(request)
  return dataset.examples.map((example) =>
    tokenSpans(example, dataset.objective, tokenizer)
      .map(({ text: part, isTrained }) => (isTrained ? `[${part}]` : part))
      .join(''),
  )
}

const answer = { version: 1, kind: 'answer', prompt: '{q}', answer: '{a}' } as const
const labels = { version: 1, kind: 'labels', prompt: '{q}', labelColumn: 'a' } as const

describe('prompts in the chat template', () => {
  it('are messages of the user; the answer and the end of its turn are trained on', () => {
    expect(shown({ task: { ...answer, chat: true } })).toEqual([
      '<|im_start|>user\nWhat?<|im_end|>\n<|im_start|>assistant\n[x<|im_end|>]',
      '<|im_start|>user\nWho <|im_end|>?<|im_end|>\n<|im_start|>assistant\n[y<|im_end|>]',
    ])
    // What the row itself spells stays text.
    const [, second] = load({ task: { ...answer, chat: true } }).dataset.examples
    const [, , endOfTurn] = special.map(({ text: spelling }) => tokenizer.encode(spelling, 'parse')[0])
    expect([...second.tokens].filter((token) => token === endOfTurn)).toHaveLength(2)
  })

  it('have the system message over them, filled from the row', () => {
    const task = { ...answer, chat: true, system: 'Answer {a}.' } as const
    expect(shown({ task })[0]).toBe(
      '<|im_start|>system\nAnswer x.<|im_end|>\n<|im_start|>user\nWhat?<|im_end|>\n<|im_start|>assistant\n[x<|im_end|>]',
    )
  })

  it('are followed by the label alone, without a space', () => {
    expect(shown({ task: { ...labels, chat: true } })[0]).toBe(
      '<|im_start|>user\nWhat?<|im_end|>\n<|im_start|>assistant\n[x]',
    )
    const task = { ...labels, chat: true, labels: { x: ' good', y: ' bad' } } as const
    expect(shown({ task })[0]).toContain('assistant\n[good]')
  })

  it('start both answers of a pair alike', () => {
    const pair = {
      version: 1,
      kind: 'preference',
      prompt: '{q}',
      chosen: '{a}',
      rejected: 'z',
      beta: 0.1,
    } as const
    expect(shown({ task: { ...pair, chat: true } })[0]).toBe(
      '<|im_start|>user\nWhat?<|im_end|>\n<|im_start|>assistant\n[x<|im_end|>]',
    )
  })

  it('are what the same prompt gives when the model is asked', () => {
    const [first] = load({ task: { ...labels, chat: true } }).dataset.examples
    expect([...first.tokens]).toEqual(chat.prompt([{ role: 'user', content: 'What?' }]))
  })

  it('have a system message in front of conversations that lack one', () => {
    const chats = dataFile(
      'chat.jsonl',
      '{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}\n',
    )
    const task = { version: 1, kind: 'chat', messages: 'messages', system: 'Help.' } as const
    expect(shown({ task, path: chats })[0]).toBe(
      '<|im_start|>system\nHelp.<|im_end|>\n<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n[b<|im_end|>]\n',
    )
  })

  it('are refused for a model without one, and a system message without them', () => {
    const without = { path: rows(), tokenizer, contextLength: 500, purpose: 'train' } as const
    const error = caughtError(() => loadDataset({ ...without, task: { ...answer, chat: true } }))
    expect(error).toMatchObject({ code: 'request-invalid' })
    expect(caughtError(() => load({ task: { ...answer, system: 'x' } })).message).toMatch(/add --chat/)
  })
})

describe('a few rows in front of prompts', () => {
  const shots = [{ prompt: 'How?', answer: ' z' }]

  it('stand before the prompt with their answers, and are not trained on', () => {
    expect(shown({ task: answer, shots })[0]).toBe('How? z\n\nWhat?[x<|im_end|>]')
  })

  it('are turns before it in a conversation', () => {
    expect(shown({ task: { ...answer, chat: true }, shots })[0]).toBe(
      '<|im_start|>user\nHow?<|im_end|>\n<|im_start|>assistant\nz<|im_end|>\n' +
        '<|im_start|>user\nWhat?<|im_end|>\n<|im_start|>assistant\n[x<|im_end|>]',
    )
  })
})
