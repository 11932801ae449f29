import type { LabelExample, PairExample, SequenceExample, TensorExample, TextExample } from './example.js'
import type { TokenStore } from './token-store.js'

/** An example whose tokens are in a store: each look at them copies them out. */
class StoredExample {
  readonly #store: TokenStore
  readonly #sequence: number

  constructor(store: TokenStore, sequence: number) {
    this.#store = store
    this.#sequence = sequence
  }

  get tokenCount(): number {
    return this.#store.lengthOf(this.#sequence)
  }

  get tokens(): Int32Array {
    return this.#store.tokens(this.#sequence)
  }

  protected get marks(): Uint8Array {
    return this.#store.marks(this.#sequence)
  }
}

/** A label example in a store. */
export class StoredLabelExample extends StoredExample implements LabelExample {
  readonly label: number
  readonly line: number

  constructor(store: TokenStore, sequence: number, { label, line }: Pick<LabelExample, 'label' | 'line'>) {
    super(store, sequence)
    this.label = label
    this.line = line
  }

  get kind(): 'label' {
    return 'label'
  }
}

/** A sequence in a store that marks its scored tokens. */
export class StoredSequenceExample extends StoredExample implements SequenceExample {
  readonly line: number

  constructor(store: TokenStore, sequence: number, { line }: Pick<SequenceExample, 'line'>) {
    super(store, sequence)
    this.line = line
  }

  get kind(): 'sequence' {
    return 'sequence'
  }

  get scored(): Uint8Array {
    return this.marks
  }
}

/** A pair in a store. */
export class StoredPairExample extends StoredExample implements PairExample {
  readonly promptLength: number
  readonly chosenLength: number
  readonly line: number

  constructor(
    store: TokenStore,
    sequence: number,
    { promptLength, chosenLength, line }: Pick<PairExample, 'promptLength' | 'chosenLength' | 'line'>,
  ) {
    super(store, sequence)
    this.promptLength = promptLength
    this.chosenLength = chosenLength
    this.line = line
  }

  get kind(): 'pair' {
    return 'pair'
  }
}

/** Tokens of an example, without reading them where they are in a store. */
export function tokenCountOf(example: Pick<TextExample, 'tokens'>): number {
  return example instanceof StoredExample ? example.tokenCount : example.tokens.length
}

/** The same of examples of text, and positions of tensors. */
export function lengthOf(example: Pick<TextExample, 'tokens'> | Pick<TensorExample, 'positions'>): number {
  return 'positions' in example ? example.positions : tokenCountOf(example)
}
