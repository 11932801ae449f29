/** The devices that a model can run on, by the names that people choose them by. */
export const deviceNames = ['cpu', 'webgpu', 'cuda', 'dml'] as const

export type DeviceName = (typeof deviceNames)[number]
