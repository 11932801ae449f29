import type { Tape, Value } from '../tape.js'

/** Inputs of a graph that computes gradients of weights from some of the tokens. */
export interface TokenChoice {
  /** Scalar: of the tokens whose terms are not 0. */
  readonly share: Value
  /** Scalar in [0, 1): where the comb begins. */
  readonly offset: Value
}

/** Declares the inputs of `chosenTokens`. */
export function tokenChoiceInputs(tape: Tape): TokenChoice {
  return {
    share: tape.input(tokenInputs.share, 'float32', []),
    offset: tape.input(tokenInputs.offset, 'float32', []),
  }
}

/** What these inputs are called. */
export const tokenInputs = { share: 'tokenShare', offset: 'tokenOffset' } as const

/** Smaller than any norm that counts, for quotients whose other side is 0 there too. */
const tiny = 1e-30

/**
 * Some of the terms of dW = Σ dyᵀ x over tokens, weighted so that their sum is an unbiased estimate of the whole: dy and x
 * of k = ⌈share · T⌉ of the T tokens whose norm |dy| · |x| is not 0, dy already times its weight.
 *
 * As `chooseRows`, but inside a graph: the c largest always, with weight 1; the others with probability n · (k − c) / R, R
 * being the sum of their norms n, and the inverse as weight; by one comb along the norms in falling order. c counts the
 * tokens with n · (k − c) > R at their own place, which are the first ones.
 *
 * Source: WTA-CRS, Liu et al. 2023, arXiv:2305.15265, section 3; comb: systematic sampling, Madow 1949.
 *
 * @param gradient dy, shape [batch, sequence, rows]
 * @param x shape [batch, sequence, columns]
 * @returns both in shapes [1, k, rows] and [1, k, columns]; k may be one more by rounding
 */
export function chosenTokens(
  tape: Tape,
  gradient: Value,
  x: Value,
  choice: TokenChoice,
): { readonly gradient: Value; readonly x: Value } {
  const byToken = (value: Value): Value => tape.node('Flatten', [value], { axis: 2 })
  const [dy, inputs] = [byToken(gradient), byToken(x)]
  const { tokens, weights } = weightedTokens(
    tape,
    tape.node('Mul', [norms(tape, dy), norms(tape, inputs)]),
    choice,
  )
  const chosen = (value: Value): Value => tape.node('Gather', [value, tokens], { axis: 0 })
  const first = tape.int64([0])
  const weighted = tape.node('Mul', [chosen(dy), tape.node('Unsqueeze', [weights, tape.int64([-1])])])
  return {
    gradient: tape.node('Unsqueeze', [weighted, first]),
    x: tape.node('Unsqueeze', [chosen(inputs), first]),
  }
}

function norms(tape: Tape, rows: Value): Value {
  return tape.node('ReduceL2', [rows, tape.int64([1])], { keepdims: 0 })
}

/** Indices of the chosen tokens and what each counts for; the largest is among them even where its norm is 0. */
function weightedTokens(
  tape: Tape,
  ofTokens: Value,
  { share, offset }: TokenChoice,
): { readonly tokens: Value; readonly weights: Value } {
  const [sizes, order] = tape.nodes('TopK', [ofTokens, tape.node('Shape', [ofTokens])], {}, { outputs: 2 })
  const isNone = tape.node('Equal', [sizes, tape.float32(0)])
  const used = total(tape, asFloats(tape, tape.node('Not', [isNone])))
  const count = tape.node('Max', [tape.node('Ceil', [tape.node('Mul', [share, used])]), tape.float32(1)])

  const rests = tape.node('CumSum', [sizes, tape.scalarInt64(0)], { reverse: 1 })
  const ranks = tape.node('CumSum', [ones(tape, isNone), tape.scalarInt64(0)], { exclusive: 1 })
  const left = tape.node('Sub', [count, ranks])
  const wins = tape.node('Greater', [tape.node('Mul', [sizes, left]), rests])
  const winners = total(tape, asFloats(tape, wins))
  const restOfOthers = tape.node('ReduceMax', [without(tape, wins, rests)], { keepdims: 0 })
  const spacing = tape.node('Div', [restOfOthers, tape.node('Sub', [count, winners])])

  const teeth = teethUnder(tape, without(tape, wins, sizes), { spacing, offset })
  const inverse = tape.node('Div', [spacing, tape.node('Max', [sizes, tape.float32(tiny)])])
  const weights = tape.node('Where', [wins, tape.float32(1), tape.node('Mul', [teeth, inverse])])
  const isFirst = tape.node('Equal', [ranks, tape.float32(0)])
  const isIn = tape.node('Or', [tape.node('Greater', [weights, tape.float32(0)]), isFirst])
  const chosen = (value: Value): Value => tape.node('Compress', [value, isIn], { axis: 0 })
  return { tokens: chosen(order), weights: chosen(weights) }
}

/** How many teeth of a comb, at (offset + i) · spacing, lie under each of the sizes laid end to end. */
function teethUnder(
  tape: Tape,
  sizes: Value,
  { spacing, offset }: { readonly spacing: Value; readonly offset: Value },
): Value {
  const passed = (attributes: { readonly exclusive?: number }): Value => {
    const end = tape.node('CumSum', [sizes, tape.scalarInt64(0)], attributes)
    const inTeeth = tape.node('Div', [end, tape.node('Max', [spacing, tape.float32(tiny)])])
    return tape.node('Ceil', [tape.node('Sub', [inTeeth, offset])])
  }
  return tape.node('Sub', [passed({}), passed({ exclusive: 1 })])
}

function without(tape: Tape, condition: Value, values: Value): Value {
  return tape.node('Where', [condition, tape.float32(0), values])
}

function asFloats(tape: Tape, conditions: Value): Value {
  return tape.node('Cast', [conditions], { to: 1 })
}

function ones(tape: Tape, like: Value): Value {
  return asFloats(tape, tape.node('Or', [like, tape.node('Not', [like])]))
}

function total(tape: Tape, values: Value): Value {
  return tape.node('ReduceSum', [values], { keepdims: 0 })
}
