/**
 * ROUGE-L: F1 of the longest common subsequence of words, of the accepted answer that gives most.
 *
 * P = LCS / words said, R = LCS / words expected, F = 2PR / (P + R)
 *
 * Words are runs of letters and digits, in lower case, not stemmed: for ASCII text as Google's rouge-score finds them; other
 * letters, which it drops, count here.
 *
 * Source: Lin 2004, "ROUGE: A Package for Automatic Evaluation of Summaries", section 3.1, with β = 1.
 */
export function rougeL(answer: string, accepted: readonly string[]): number {
  const said = wordsOf(answer)
  return Math.max(...accepted.map((each) => scoreOf(said, wordsOf(each))))
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
}

function scoreOf(said: readonly string[], expected: readonly string[]): number {
  const common = commonLength(said, expected)
  if (common === 0) return 0
  const precision = common / said.length
  const recall = common / expected.length
  return (2 * precision * recall) / (precision + recall)
}

/** Length of the longest common subsequence, keeping one row of the table. */
function commonLength(left: readonly string[], right: readonly string[]): number {
  let above = new Uint32Array(right.length + 1)
  for (const word of left) {
    const row = new Uint32Array(right.length + 1)
    for (let j = 1; j <= right.length; j++) {
      row[j] = word === right[j - 1] ? above[j - 1] + 1 : Math.max(row[j - 1], above[j])
    }
    above = row
  }
  return above[right.length]
}
