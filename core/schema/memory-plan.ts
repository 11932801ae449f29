import { z } from 'zod'

/** What memory is needed for. */
export const memoryItemName = z.enum([
  'program',
  'weights',
  'streamed-layer',
  'embedding',
  'trained-numbers',
  'kept-states',
  'activations',
  'head',
  'rows',
])
export type MemoryItemName = z.infer<typeof memoryItemName>

/** What a job will hold at its peak, before it runs. */
export const memoryPlan = z.strictObject({
  items: z.array(z.strictObject({ name: memoryItemName, bytes: z.int().min(0) })),
  /** Of our own memory. */
  totalBytes: z.int().min(0),
  /** What lies in a device's memory beside that; left out where nothing does. */
  deviceBytes: z.int().min(0).optional(),
})
export type MemoryPlan = z.infer<typeof memoryPlan>
