/** The wizard, in order. Each is the name of a page. */
export const steps = ['model', 'data', 'train', 'compare', 'export'] as const
export type StepName = (typeof steps)[number]
