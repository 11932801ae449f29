import type { PeerMethod, PeersResult } from './peers.js'
import type { Machine } from './machine.js'
import { measuredOn, megabytes, percent } from './result-text.js'

const wantedLoss = 0.6

/** The section of docs/performance.md that puts our ways of training beside those in PyTorch. */
export function peersSection({
  task,
  batchSize,
  methods,
  machine,
}: PeersResult & { machine: Machine }): string[] {
  return [
    '',
    '## Beside PyTorch',
    '',
    `${task}, batches of ${batchSize}, the same for all, one method after the other in one run; ${measuredOn(machine)}. Seconds are of training: evaluations are left out, the pass that fills the feature cache is not.`,
    '',
    `| method | seconds a step | two bare passes of it | peak memory | dev loss | seconds to a loss of ${wantedLoss.toFixed(2)} |`,
    '|---|---|---|---|---|---|',
    ...methods.map(methodRow),
    '',
    '![Dev loss by seconds of training](charts/peers.svg)',
  ]
}

function methodRow({
  method,
  torchVersion,
  steps,
  stepSeconds,
  forwardShare,
  peakBytes,
  curve,
}: PeerMethod): string {
  const [first, last] = [curve[0], curve[curve.length - 1]]
  const reached = curve.find(({ loss }) => loss <= wantedLoss)
  const cells = [
    torchVersion === null ? method : `${method}, PyTorch ${torchVersion}`,
    stepSeconds.toFixed(2),
    forwardShare === null ? '' : percent(forwardShare),
    peakBytes === null ? '' : megabytes(peakBytes),
    `${first.loss.toFixed(2)} to ${last.loss.toFixed(2)} in ${steps} steps (${last.seconds.toFixed(0)} s)`,
    reached === undefined ? 'not reached' : reached.seconds.toFixed(0),
  ]
  return `| ${cells.join(' | ')} |`
}
