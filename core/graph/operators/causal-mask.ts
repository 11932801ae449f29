import type { Tape, Value } from '../tape.js'

/**
 * What is added to the scores of the queries from `start` to `end` and the keys from 0 to `end`: 0 where a query may see
 * the key, its own position or an earlier one, and a number that softmax turns to 0 elsewhere.
 *
 * @param group rows for each query position
 * @param window how many positions a query sees, its own included; null for all
 * @returns shape [(end − start) · group, end]
 */
export function causalMask(
  tape: Tape,
  start: Value,
  end: Value,
  group: number,
  window: number | null,
): Value {
  const one = tape.scalarInt64(1)
  const scalar = (value: Value): Value => tape.node('Squeeze', [value, tape.int64([0])])
  const queries = tape.node('Range', [
    scalar(tape.node('Mul', [start, tape.int64([group])])),
    scalar(tape.node('Mul', [end, tape.int64([group])])),
    one,
  ])
  const positions = tape.node('Div', [queries, tape.int64([group])])
  const keys = tape.node('Range', [tape.scalarInt64(0), scalar(end), one])
  const rows = tape.node('Unsqueeze', [positions, tape.int64([-1])])
  const hidden = (isHidden: Value): Value =>
    tape.node('Mul', [tape.node('Cast', [isHidden], { to: 1 }), tape.float32(-1e30)])
  const later = hidden(tape.node('Greater', [keys, rows]))
  if (window === null) return later
  const first = tape.node('Sub', [rows, tape.scalarInt64(window - 1)])
  return tape.node('Add', [later, hidden(tape.node('Less', [keys, first]))])
}
