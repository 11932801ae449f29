import type { longestPaste as agreed } from '../../../electron/ipc/data.js'

/** Longest text, in characters, that a page hands over; larger files are named by their path. Equal to the contract's. */
export const longestPaste: typeof agreed = 64_000_000
