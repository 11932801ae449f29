import type { Device } from '../runtime/device.js'
import { deviceProblem } from '../schema/device-problems.js'
import { EngineError } from '../schema/engine-error.js'
import type { Precision } from '../schema/precision.js'
import { measureProduct } from './measure-product.js'
import { relativeError } from './relative-error.js'

/** The precision that `auto` takes on a device, and why. */
export interface PrecisionChoice {
  readonly precision: Precision
  readonly reason: PrecisionReason
}

/** Why `auto` takes what it takes; hosts say it in their own words. */
export type PrecisionReason =
  /** Weights are copied each time, or half floats are made floats: there is nothing to win. */
  | { readonly kind: 'device-has-no-memory' }
  | { readonly kind: 'halves-missing'; readonly reason: string }
  | { readonly kind: 'halves-are-wrong'; readonly error: number }
  | {
      readonly kind: 'halves-are-faster' | 'halves-are-not-faster'
      /** 10⁹ operations a second, in a quantized product. */
      readonly halfGigaflops: number
      readonly floatGigaflops: number
    }

/** Half floats must be this much faster: they cost digits, and casts before and after a product. */
const leastAdvantage = 1.2
/** Largest difference of a product, in parts of its largest element, where 2,048 terms are added up in half floats. */
const largestError = 2e-2

/**
 * Half floats where a device with memory of its own has them, computes with them what it computes with floats, and does it
 * faster; else floats.
 *
 * @param now milliseconds from any fixed moment
 */
export async function choosePrecision(device: Device, now: () => number): Promise<PrecisionChoice> {
  const inFloats = (reason: PrecisionReason): PrecisionChoice => ({ precision: 'float32', reason })
  if (!device.hasMemory) return inFloats({ kind: 'device-has-no-memory' })
  const halves = await measureHalves(device, now)
  if ('problem' in halves) return inFloats({ kind: 'halves-missing', reason: halves.problem })
  const floats = await measureProduct(device, now)
  const error = relativeError(halves.product, floats.product)
  if (!(error <= largestError)) return inFloats({ kind: 'halves-are-wrong', error })
  const speeds = { halfGigaflops: halves.gigaflops, floatGigaflops: floats.gigaflops }
  if (halves.gigaflops < leastAdvantage * floats.gigaflops) {
    return inFloats({ kind: 'halves-are-not-faster', ...speeds })
  }
  return { precision: 'float16', reason: { kind: 'halves-are-faster', ...speeds } }
}

/**
 * Checks that a device can do what was asked for. The processor can everything: it rounds to half floats, and computes in floats.
 *
 * @throws EngineError 'not-available'
 */
export async function requirePrecision(
  precision: Precision,
  device: Device,
  now: () => number,
): Promise<void> {
  if (precision === 'float32' || device.name === 'cpu') return
  const halves = await measureHalves(device, now)
  if (!('problem' in halves)) return
  const feature = `float16 on ${device.name}`
  const message = `not available: ${feature}: ${halves.problem}; use --precision float32`
  throw new EngineError('not-available', { feature }, message)
}

/** A product of half floats, or why there is none. */
async function measureHalves(
  device: Device,
  now: () => number,
): Promise<Awaited<ReturnType<typeof measureProduct>> | { readonly problem: string }> {
  try {
    return await measureProduct(device, now, 'float16')
  } catch (thrown) {
    const { code, message } = EngineError.from(thrown)
    if (code !== 'runtime-failed') throw thrown
    return { problem: missingHalves.test(message) ? deviceProblem('halves-missing') : message }
  }
}

/** What onnxruntime's message says where a GPU's shaders have no half floats. */
const missingHalves = /requires f16/
