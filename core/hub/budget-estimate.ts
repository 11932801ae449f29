/** The program with a large vocabulary, and one block's values. Measured with small models, rounded up. */
const aroundWeightsBytes = 350e6

/**
 * Memory that training a model of this size takes, estimated before it is here: its weights as they are in the file, and what lies
 * around them. `zerotune plan` says it exactly, once the file is here, and what a smaller budget costs.
 */
export function estimateBudget(fileBytes: number): number {
  return aroundWeightsBytes + fileBytes
}
