import type { EstimatedFit } from '../../../electron/ipc/hub.js'

/** How a verdict about memory is coloured. */
export const fitTones = {
  fits: 'good',
  tight: 'warn',
  exceeds: 'bad',
} as const satisfies Readonly<Record<EstimatedFit['verdict'], string>>
