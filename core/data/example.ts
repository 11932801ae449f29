/** One datum ready for the model. */
export type Example = TextExample | TensorExample

/** One datum of text. */
export type TextExample = LabelExample | SequenceExample | PairExample

/** A prompt whose answer is one of a fixed set of labels. */
export interface LabelExample {
  readonly kind: 'label'
  /** Ids of the prompt, BOS included where the model wants it. */
  readonly tokens: Int32Array
  /** Index into the task's options. */
  readonly label: number
  /** Line in the data file, from 1. */
  readonly line: number
}

/** A sequence of which some tokens are predicted and scored: an answer, assistant turns, or running text. */
export interface SequenceExample {
  readonly kind: 'sequence'
  readonly tokens: Int32Array
  /** 1 where the token is scored (predicted from the tokens before it); the first token never is. Same length as `tokens`. */
  readonly scored: Uint8Array
  readonly line: number
}

/** A prompt with two answers, of which the first should be the likelier. All tokens of both are scored. */
export interface PairExample {
  readonly kind: 'pair'
  /** Ids of the prompt (BOS included where the model wants it), the chosen answer and the rejected one, in a row. */
  readonly tokens: Int32Array
  readonly promptLength: number
  readonly chosenLength: number
  readonly line: number
}

/** Tensors that a graph is given, and the one that it should give for them. They stay in their file. */
export interface TensorExample {
  readonly kind: 'tensors'
  /** Of that file. */
  readonly path: string
  /** Names and shapes of the tensors; examples of equal layouts can run together. */
  readonly layout: string
  /** Positions of the wanted tensor: all its axes but that of channels, which is the second of four and more, else the last. */
  readonly positions: number
  /** Of all tensors, in the file. */
  readonly byteLength: number
  /** Place among the rows, from 1. */
  readonly line: number
}

/** What every example of a dataset has in common. */
export type Objective =
  | {
      readonly kind: 'labels'
      /** What the data file calls each label, and the ids of the words that stand for it. */
      readonly options: readonly {
        readonly name: string
        readonly text: string
        readonly tokens: readonly number[]
      }[]
    }
  | { readonly kind: 'answer' }
  | { readonly kind: 'text' }
  | {
      readonly kind: 'preference'
      /** Of the DPO loss. */
      readonly beta: number
    }
  | {
      readonly kind: 'tensors'
      /** Name of the graph's output whose mean squared error is the loss. */
      readonly target: string
    }

/** Examples of one file with the objective they share. */
export interface Dataset<E extends Example = Example> {
  readonly objective: Objective
  readonly examples: readonly E[]
}

/** An example of text. Throws for one of tensors, which nothing that reads tokens is ever given. */
export function textExample(example: Example): TextExample {
  if (example.kind === 'tensors') throw new Error('rows of tensors have no tokens')
  return example
}
