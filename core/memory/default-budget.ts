/** The default budget never goes beyond, however much the machine has. */
const largestDefaultBytes = 24e9
/** Share of the machine's memory that a run may take unless told. */
const defaultShare = 0.75

/** What a run may take of a machine with so much memory, unless told. */
export function defaultBudgetBytes(machineBytes: number): number {
  return Math.min(largestDefaultBytes, Math.floor(defaultShare * machineBytes))
}
