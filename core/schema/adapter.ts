import { z } from 'zod'
import { evaluationFigures } from './events.js'
import { trainJob } from './job.js'

/** Version of the adapter file that this program writes; it reads earlier ones too. */
export const adapterVersion = 2

/**
 * What an adapter says about itself: the first line of its file. After forward-only training one line a step follows,
 * `[seed, move, move, …]`, with a move for each lane, and after a step that searched magnitudes one for each trained layer; taking these steps from the base model's initial state gives the trained
 * state. After training by exact gradients, or from an earlier run on, one line with the state itself follows.
 */
export const adapterManifest = z.strictObject({
  format: z.literal('zerotune-adapter'),
  version: z.union([z.literal(1), z.literal(adapterVersion)]),
  /** Version of the program that wrote it. */
  program: z.string(),
  base: z.strictObject({ name: z.string(), sha256: z.string(), byteLength: z.int() }),
  /** As it was run, with file names in place of paths. */
  job: trainJob,
  /** Steps up to the best state. */
  steps: z.int().min(0),
  trainedNumbers: z.int().min(1),
  /** Of the trained state, so that a rebuild can be checked. */
  stateSha256: z.string(),
  /** On the dev rows of the run. */
  before: evaluationFigures,
  after: evaluationFigures,
})
export type AdapterManifest = z.infer<typeof adapterManifest>

/** One step of an adapter: the seed of its directions, then the distance moved along each, and magnitudes of layers. */
export const adapterStep = z.tuple([z.int().min(0).max(0xffffffff)]).rest(z.number())
export type AdapterStep = z.infer<typeof adapterStep>

/** The trained state where no steps lead to it: base64 of its bytes. */
export const adapterState = z.strictObject({ state: z.base64() })
