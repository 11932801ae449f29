import type * as Ort from 'onnxruntime-node'
import type { CoreSharing } from './core-sharing.js'

/** What is used of onnxruntime's sessions. */
export type OrtSession = Pick<Ort.InferenceSession, 'release'> & {
  run(
    inputs: Ort.InferenceSession.OnnxValueMapType,
    outputs: Ort.InferenceSession.OnnxValueMapType,
  ): Promise<Ort.InferenceSession.OnnxValueMapType>
}

/**
 * A graph whose threads spin while the cores are theirs, and sleep where other programs want them.
 *
 * @param openSleeping opens the graph with threads that sleep, once it is first needed; null for one that always spins
 */
export function sharingSession(
  spinning: OrtSession,
  openSleeping: (() => Promise<OrtSession>) | null,
  sharing: CoreSharing,
): OrtSession {
  let sleeping: Promise<OrtSession> | null = null
  return {
    async run(inputs, outputs) {
      if (sharing.yields && openSleeping !== null) sleeping ??= openSleeping()
      const session = sharing.yields && sleeping !== null ? await sleeping : spinning
      return sharing.watch(() => session.run(inputs, outputs))
    },
    async release() {
      await spinning.release()
      await (await sleeping)?.release()
    },
  }
}
