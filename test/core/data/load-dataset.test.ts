import { describe, expect, it } from 'vitest'
import { dataInvalid } from '../../../core/data/data-error.js'
import type { TextExample } from '../../../core/data/example.js'
import { loadDataset } from '../../../core/data/load-dataset.js'
import type { DatasetRequest } from '../../../core/data/open-dataset.js'
import type { ChatEncoder } from '../../../core/data/prompt-frame.js'
import { EngineError } from '../../../core/schema/engine-error.js'
import { byteTokenizer } from '../../support/byte-tokenizer.js'
import { dataFile } from '../../support/data-file.js'
import { caughtError } from '../../support/caught-error.js'

const tokenizer = byteTokenizer()
const withBos = byteTokenizer({ addsBos: true })
const labels = { '0': ' bad', '1': ' good' }
const labelsTask = { version: 1, kind: 'labels', prompt: '{text} is', labels } as const
const load = (path: string, request: Partial<DatasetRequest> = {}) =>
  loadDataset({ path, task: labelsTask, tokenizer, contextLength: 100, purpose: 'train', ...request })

/** A sequence as text, `<s>` for BOS and `</s>` for EOS, scored parts in brackets. */
const marked = (example: TextExample) =>
  Array.from(example.tokens, (id, index) => {
    const text = id === 256 ? '<s>' : id === 257 ? '</s>' : String.fromCharCode(id)
    return example.kind === 'sequence' && example.scored[index] === 1 ? `[${text}]` : text
  })
    .join('')
    .replaceAll('][', '')

const twoRows = 'label\ttext\n0\ta\n1\tb\n'

describe('a labels task', () => {
  it.each([
    ['rows.tsv', 'label\ttext\n0\ta "b\n1\tc, d\n', [2, 3]],
    ['rows.csv', 'label,text\n0,"a ""b"\n1,"c, d"\n', [2, 3]],
    ['rows.jsonl', '{"label":0,"text":"a \\"b"}\n{"text":"c, d","label":"1"}\n', [1, 2]],
  ])('gives the same examples from %s', (name, content, lines) => {
    const { dataset, rows } = load(dataFile(name, content))
    expect(dataset.examples.map(marked)).toEqual(['a "b is', 'c, d is'])
    expect(dataset.examples.map((example) => example.kind === 'label' && example.label)).toEqual([0, 1])
    expect([...rows.lines]).toEqual(lines)
  })

  it('starts prompts with BOS where the model wants it', () => {
    const { dataset } = load(dataFile('rows.tsv', twoRows), { tokenizer: withBos })
    expect(dataset.examples.map(marked)).toEqual(['<s>a is', '<s>b is'])
  })

  it('tokenizes the labels apart from the prompt', () => {
    const { dataset } = load(dataFile('rows.tsv', twoRows))
    expect(dataset.objective).toEqual({
      kind: 'labels',
      options: [
        { name: '0', text: ' bad', tokens: [...Buffer.from(' bad')] },
        { name: '1', text: ' good', tokens: [...Buffer.from(' good')] },
      ],
    })
  })

  it('gives back the task with everything that it found in the file', () => {
    const task = { version: 1, kind: 'labels', prompt: '{text} is' } as const
    const found = load(dataFile('rows.csv', 'text,label\na,x\nb,y\nc,x\n'), { task })
    expect(found.task).toEqual({ ...task, labelColumn: 'label', labels: { x: ' x', y: ' y' } })
    expect(found.columns).toEqual(['text', 'label'])
    expect(
      load(dataFile('dev.csv', 'label,text\nx,d\n'), { task: found.task, purpose: 'evaluate' }).task,
    ).toEqual(found.task)
  })

  it('names every label that the task does not have', () => {
    const error = caughtError(() => load(dataFile('rows.tsv', 'label\ttext\n0\ta\n2\tb\n3\tc\n')))
    expect(error).toMatchObject({ code: 'data-invalid', details: { line: 3, column: 'label' } })
    expect(error.message).toMatch(/"2" \(line 3\), "3" \(line 4\)/)
  })

  it('may evaluate on one label, but not train on it', () => {
    const path = dataFile('rows.tsv', 'label\ttext\n0\ta\n0\tb\n')
    expect(caughtError(() => load(path)).code).toBe('data-insufficient')
    expect(load(path, { purpose: 'evaluate' }).dataset.examples.length).toBe(2)
  })

  it('takes a renamed column of another file for the one it knows, and says so', () => {
    const found = load(dataFile('dev.tsv', 'label\tcontent\n0\ta\n1\tb\n'), {
      knownColumns: ['label', 'text'],
    })
    expect(found.dataset.examples.map(marked)).toEqual(['a is', 'b is'])
    expect(found.notices).toHaveLength(1)
    expect(found.notices[0]).toMatch(/has no column 'text'; using 'content' in its place$/)
  })

  it('takes a renamed label column as well', () => {
    const task = { ...labelsTask, labelColumn: 'label' }
    const path = dataFile('dev.tsv', 'gold\ttext\n1\ta\n0\tb\n')
    const found = load(path, { task, knownColumns: ['label', 'text'] })
    expect(found.dataset.examples.map((example) => example.kind === 'label' && example.label)).toEqual([1, 0])
    expect(found.task).toEqual(task)
  })

  it('uses the first rows only where a limit is given', () => {
    const { dataset } = load(dataFile('rows.tsv', 'label\ttext\n0\ta\n1\tb\n7\tc\n'), { limit: 2 })
    expect(dataset.examples.length).toBe(2)
  })

  it('gives equal inputs equal fingerprints, spaces around them aside', () => {
    const content = '{"label":0,"text":"a"}\n{"label":1,"text":"  a"}\n{"label":1,"text":"b"}\n'
    const { fingerprints } = load(dataFile('rows.jsonl', content)).rows
    expect(fingerprints[0]).toBe(fingerprints[1])
    expect(fingerprints[0]).not.toBe(fingerprints[2])
  })
})

describe('an answer task', () => {
  const task = { version: 1, kind: 'answer', prompt: 'Q: {q} A:', answer: ' {a}' } as const

  it('scores the answer and the end of text', () => {
    const path = dataFile('rows.csv', 'q,a\nwho,me\n')
    expect(load(path, { task }).dataset.examples.map(marked)).toEqual(['Q: who A:[ me</s>]'])
    expect(load(path, { task, tokenizer: withBos }).dataset.examples.map(marked)).toEqual([
      '<s>Q: who A:[ me</s>]',
    ])
    expect(load(path, { task }).dataset.objective).toEqual({ kind: 'answer' })
  })

  it('has no end where the model has no EOS', () => {
    const { dataset } = load(dataFile('rows.csv', 'q,a\nwho,me\n'), {
      task,
      tokenizer: { ...tokenizer, eosId: null },
    })
    expect(dataset.examples.map(marked)).toEqual(['Q: who A:[ me]'])
  })

  it('never scores the first token', () => {
    const { dataset } = load(dataFile('rows.csv', 'q,a\n,me\n'), {
      task: { ...task, prompt: '{q}', answer: '{a}' },
    })
    expect(dataset.examples.map(marked)).toEqual(['m[e</s>]'])
  })

  it('refuses a row without an answer', () => {
    const error = caughtError(() =>
      load(dataFile('rows.csv', 'q,a\nx,y\nwho,\n'), { task: { ...task, answer: '{a}' } }),
    )
    expect(error).toMatchObject({ code: 'data-invalid', details: { line: 3 } })
  })
})

describe('a text task', () => {
  const task = { version: 1, kind: 'text', text: '{text}' } as const
  const windows = (content: string, windowTokens: number, request: Partial<DatasetRequest> = {}) =>
    load(dataFile('text.txt', content), { task, windowTokens, ...request }).dataset.examples.map(marked)

  it('scores every token but the first, once, in windows', () => {
    expect(windows('abcdefghi', 4)).toEqual(['a[bcd]', 'd[efg]', 'g[hi]'])
    expect(windows('abcdefg', 4)).toEqual(['a[bcd]', 'd[efg]'])
    expect(windows('ab', 4)).toEqual(['a[b]'])
  })

  it('starts every window with BOS where the model wants it', () => {
    expect(windows('abcdefgh', 4, { tokenizer: withBos })).toEqual(['<s>[abc]', '<s>[def]', '<s>[gh]'])
    expect(windows('abcdef', 4, { tokenizer: withBos })).toEqual(['<s>[abc]', '<s>[def]'])
    expect(windows('a', 4, { tokenizer: withBos })).toEqual(['<s>[a]'])
  })

  it('has windows of 512 tokens, or of the context where that is smaller', () => {
    const lengths = (contextLength: number) =>
      load(dataFile('text.txt', 'x'.repeat(1200)), { task, contextLength }).dataset.examples.map(
        ({ tokens }) => tokens.length,
      )
    expect(lengths(2048)).toEqual([512, 512, 178])
    expect(lengths(700)).toEqual([512, 512, 178])
    expect(lengths(401)).toEqual([401, 401, 400])
  })

  it('refuses a text of one token, and windows of one', () => {
    expect(caughtError(() => windows('ok then\nx', 4))).toMatchObject({
      code: 'data-invalid',
      details: { line: 2 },
    })
    expect(caughtError(() => windows('abc', 1)).code).toBe('request-invalid')
  })
})

describe('a chat task', () => {
  const task = { version: 1, kind: 'chat', messages: 'messages' } as const
  const conversation: ChatEncoder['conversation'] = (messages) => {
    if (messages[0].role === 'tool')
      throw new EngineError('template-invalid', { reason: 'tool' }, 'no tools here')
    const turns = messages.map(({ role, content }) => ({
      bytes: [...Buffer.from(content)],
      isScored: role === 'assistant',
    }))
    return {
      tokens: Int32Array.from(turns.flatMap(({ bytes }) => bytes)),
      scored: Uint8Array.from(turns.flatMap(({ bytes, isScored }) => bytes.map(() => (isScored ? 1 : 0)))),
    }
  }
  const row = (...messages: unknown[]) => `${JSON.stringify({ messages })}\n`
  const user = { role: 'user', content: 'hi' }
  const assistant = { role: 'assistant', content: 'ho' }
  const loadChat = (content: string, request: Partial<DatasetRequest> = {}) =>
    load(dataFile('chat.jsonl', content), { task, chat: { conversation, prompt: () => [] }, ...request })

  it('scores what the assistant says', () => {
    const { dataset } = loadChat(row(user, assistant))
    expect(dataset.examples.map(marked)).toEqual(['hi[ho]'])
    expect(dataset.objective).toEqual({ kind: 'answer' })
  })

  it.each([
    ['no list', '{"messages":"hi"}\n', /expected a list of messages, found "hi"/],
    ['an empty list', row(), /expected a list of messages, found an empty list/],
    ['no field', '{"messages":[],"x":1}\n{"x":1}\n', /expected a list of messages/],
    ['a message without content', row({ role: 'user' }), /expected messages like/],
    ['a message that is text', row('hi'), /expected messages like .* found "hi"/],
    ['nothing to learn', row(user), /expected a message of the assistant, found none/],
    ['a role that the template refuses', row({ role: 'tool', content: 'x' }), /no tools here/],
  ])('refuses a row with %s', (_, content, message) => {
    const error = caughtError(() => loadChat(content))
    expect(error).toMatchObject({ code: 'data-invalid', details: { line: 1, column: 'messages' } })
    expect(error.message).toMatch(message)
  })

  it('refuses a conversation longer than the context', () => {
    expect(caughtError(() => loadChat(row(user, assistant), { contextLength: 3 })).code).toBe(
      'prompt-too-long',
    )
  })

  it('is refused for a model without a chat template', () => {
    const path = dataFile('chat.jsonl', row(user, assistant))
    const error = caughtError(() =>
      loadDataset({ path, task, tokenizer, contextLength: 9, purpose: 'train' }),
    )
    expect(error.code).toBe('request-invalid')
  })
})

describe('a bad file', () => {
  it.each([
    ['is empty', '', 'data-insufficient'],
    ['has a header only', 'label\ttext\n', 'data-insufficient'],
    ['lacks a column', 'label\tbody\n0\ta\n', 'data-invalid'],
  ])('that %s is refused', (_, content, code) => {
    expect(caughtError(() => load(dataFile('rows.tsv', content))).code).toBe(code)
  })

  it('with a missing field is refused at its line and column', () => {
    for (const field of ['', ',"text":null', ',"text":["a"]']) {
      const content = `{"label":0,"text":"a"}\n{"label":1${field}}\n`
      const error = caughtError(() => load(dataFile('rows.jsonl', content)))
      expect(error).toMatchObject({ code: 'data-invalid', details: { line: 2, column: 'text' } })
    }
  })

  it('with a prompt that leaves no room for the label is refused with the place', () => {
    const path = dataFile('rows.tsv', `label\ttext\n0\ta\n1\t${'b'.repeat(20)}\n`)
    const error = caughtError(() => load(path, { contextLength: 27 }))
    // 20 letters, ' is' and ' good'.
    expect(error).toMatchObject({
      code: 'prompt-too-long',
      details: { tokens: 28, contextLength: 27, where: `${path}, line 3` },
    })
    expect(load(path, { contextLength: 28 }).dataset.examples.length).toBe(2)
  })

  it('is read on where bad rows are skipped, and they are counted', () => {
    const rows = ['0\ta', '1', '2\tb', `1\t${'c'.repeat(200)}`, '1\td']
    const found = load(dataFile('rows.tsv', `label\ttext\n${rows.join('\n')}\n`), { skipBadRows: true })
    expect(found.dataset.examples.map(({ line }) => line)).toEqual([2, 6])
    expect([...found.rows.lines]).toEqual([2, 6])
    expect(found.skippedCount).toBe(3)
    expect(found.skippedMessages.map((message) => /line \d/.exec(message)?.[0])).toEqual([
      'line 3',
      'line 4',
      'line 5',
    ])
  })

  it('without one usable row is refused with the first reason, even where bad rows are skipped', () => {
    const task = { version: 1, kind: 'answer', prompt: '{q}', answer: '{a}' } as const
    const error = caughtError(() => load(dataFile('rows.csv', 'q,a\nx\ny\n'), { task, skipBadRows: true }))
    expect(error.code).toBe('data-insufficient')
    expect(error.message).toMatch(/no usable rows; the first: .*line 2/)
  })
})

describe('a message about a row', () => {
  it('names file, line and column', () => {
    const error = dataInvalid('rows.csv', 3, 'label', 'expected x, found y')
    expect(error.message).toBe("rows.csv, line 3, column 'label': expected x, found y")
  })
})
