import { z } from 'zod'

/** What a short phase of probing found in some neighbouring layers. */
const layerSignal = z.strictObject({
  firstLayer: z.int().min(0),
  /** One past the last. */
  endLayer: z.int().min(1),
  /** ‖ḡ‖² of their numbers, an estimate without bias, so it may be below 0; in nats² per squared unit of what moves. */
  signal: z.number(),
  /** tr Σ, by how much slopes of single rows differ, in the same unit. */
  noise: z.number(),
})

/** Why a run trains the layers that it does, where probing chose them. */
export const layerChoice = z.strictObject({
  /** Of what a step over the best layers gains: how much had to stay, and how much did. */
  wantedShare: z.number(),
  keptShare: z.number(),
  /** What probing took, in forward passes of the whole model over a batch. */
  forwardPasses: z.number(),
  /** From the lowest layers up. */
  groups: z.array(layerSignal),
})

export type LayerSignal = z.infer<typeof layerSignal>
export type LayerChoice = z.infer<typeof layerChoice>
