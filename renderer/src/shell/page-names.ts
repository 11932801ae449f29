import { steps } from '../wizard/steps.js'

/** Every page, by the name that routes, rail and words share. */
export const pageNames = [...steps, 'runs', 'settings', 'about'] as const
export type PageName = (typeof pageNames)[number]
