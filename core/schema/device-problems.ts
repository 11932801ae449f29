import { sentences, type SentenceValues } from './sentences.js'

/**
 * Why a device is not there, as far as this program looks itself, and what the runtime could not do; drivers and the runtime say
 * more in their own words.
 */
const texts = {
  'dml-elsewhere': 'DirectML is a part of Windows',
  'cuda-elsewhere': 'CUDA is used on Linux x64 only',
  'driver-missing': 'the library {name} is missing: it is a part of the NVIDIA driver',
  'vulkan-missing':
    "the library {name} is missing: install the Vulkan loader, in Debian's package libvulkan1",
  'halves-missing': 'this GPU has no half floats in its shaders (shader-f16)',
  'opening-failed': 'open a graph',
  'running-failed': 'run a graph',
  'loading-failed': 'be loaded',
  'predicting-failed': 'predict a token',
} as const

export type DeviceProblemCode = keyof typeof texts
const table = sentences<DeviceProblemCode>(texts, new Set())

/** The sentences by their codes. */
export const deviceProblemTexts = table.texts
/** Such a sentence or phrase, in English. */
export const deviceProblem = (code: DeviceProblemCode, values: SentenceValues = {}): string =>
  table.say(code, values)
/** Which problem a sentence is; null where it is the runtime's or a driver's own. */
export const readDeviceProblem = table.read
