import { join } from 'node:path'
import type { LearningResult } from './learning.js'
import { spreadOf, type Machine } from './machine.js'
import type { PeerResult } from './peer.js'
import { measuredOn, megabytes, range, readResult } from './result-text.js'
import type { SpeedResult } from './speed.js'

/** The table of what `bench/results` holds. */
export function readmeTable(folder: string): string {
  const learning = readResult(join(folder, 'learning.json')) as (LearningResult & { machine: Machine }) | null
  const memory = readResult(join(folder, 'memory.json')) as LearningResult | null
  const peer = readResult(join(folder, 'peer.json')) as
    (PeerResult & { ours?: LearningResult; machine: Machine }) | null
  const speed = readResult(join(folder, 'speed.json')) as { results: SpeedResult[]; machine: Machine } | null
  const lines: string[] = []
  if (learning !== null) {
    lines.push(
      `SmolLM2-135M-Instruct (Q4_1 GGUF), SST-2, batch 16, all 872 dev rows; ${measuredOn(learning.machine)}.`,
      '',
      '| | forward passes | dev accuracy | seconds a step | peak memory |',
      '|---|---|---|---|---|',
      `| before | 0 | ${learning.before.toFixed(3)} | | |`,
      `| **Zerotune** \`${learning.recipe}\`, ${learning.accuracy.n} seeds | ${Math.round(learning.forwardPasses)} | **${range(learning.accuracy, (value) => value.toFixed(3))}** | ${(spreadOf(learning.runs.map(({ stepMs }) => stepMs)).median / 1000).toFixed(2)} | **${megabytes((memory ?? learning).peakBytes.max)}** |`,
    )
  }
  if (peer !== null) {
    const last = peer.evaluations.at(-1)
    const { ours } = peer
    lines.push(
      `| MeZO as published (PyTorch ${peer.torchVersion}, fp32), 1 seed, on ${measuredOn(peer.machine)} | ${last?.forwardPasses ?? 0} | ${last?.devAccuracy.toFixed(3) ?? ''} | ${peer.stepSecondsMean.toFixed(2)} | ${peer.peakBytes === null ? '' : megabytes(peer.peakBytes)} |`,
    )
    if (ours !== undefined) {
      const [{ stepMs, peakBytes }] = ours.runs
      lines.push(
        `| **Zerotune** \`${ours.recipe}\`, the same seed, batches, machine and run as MeZO | ${Math.round(ours.forwardPasses)} | ${ours.accuracy.mean.toFixed(3)} | ${(stepMs / 1000).toFixed(2)} | ${megabytes(peakBytes)} |`,
      )
    }
  }
  if (speed !== null) {
    lines.push(
      '',
      `${measuredOn(speed.machine)}:`,
      '',
      '| recipe, all layers | step | bare forward pass | ratio (limit) |',
      '|---|---|---|---|',
    )
    for (const { recipe, stepMs, bareMs, ratio, bareRows, limit } of speed.results) {
      lines.push(
        `| \`${recipe}\` | ${stepMs.median.toFixed(0)} ms | ${bareMs.median.toFixed(0)} ms (${bareRows} rows) | ${ratio.median.toFixed(3)}, ${ratio.min.toFixed(2)}-${ratio.max.toFixed(2)}, n ${ratio.n} (${limit}) |`,
      )
    }
  }
  return lines.join('\n')
}
