import { z } from 'zod'
import { deviceNames } from '../../core/schema/device-name.js'
export { keptFailure, type KeptFailure } from '../../core/schema/errors.js'

/** Stands for a file or folder that the person chose; the real path stays in the engine. */
export const handle = z.string().regex(/^[a-z0-9-]{1,64}$/)

/** Names a run; also the name of its folder. */
export const runId = z.string().regex(/^[a-z0-9-]{1,64}$/)

/** Chosen by whoever asks, so that no progress can arrive before its task is known. Good for `task.cancel`. */
export const taskId = z.string().regex(/^[a-z0-9-]{1,64}$/)

/** A path that a person typed or dropped. Only requests named `….open` take one; it is resolved and checked. */
export const typedPath = z.string().min(1).max(4096)

/** Names a run or an export for people. */
export const title = z.string().trim().min(1).max(120)

export const count = z.int().min(0)
export const bytes = z.number().min(0)
/** Milliseconds. */
export const milliseconds = z.number().min(0)
/** A state of a run: after this many steps; null for the best one. */
export const chosenStep = count.nullable()

/** The answer of a request that has nothing to say. */
export const nothing = z.null()

/** What a person may choose to run models on. */
export const chosenDevice = z.enum(['auto', ...deviceNames])
