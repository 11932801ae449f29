/** What a device reads of the machine, in milliseconds; exchanged in tests. */
export interface ProcessorClock {
  /** Time that passes. */
  wall(): number
  /** Processor time that this process has had, of all cores together. */
  processor(): number
}

/** Whether other programs want the cores that graphs run on. */
export interface CoreSharing {
  /** Whether threads that wait should sleep, and leave their core to others, rather than spin. */
  readonly yields: boolean
  /** Does some computing on all threads, and watches how much of the cores it got. */
  watch<T>(compute: () => Promise<T>): Promise<T>
}

/** Computing to judge by: long enough for a scheduler to hand out many turns. */
const windowMs = 1000
/** After this much computing with sleeping threads, spinning is tried again. */
const restMs = 30_000
/** Alone on the cores, spinning threads get nearly all of them; beside one equal program, half. */
const leastShare = 0.75

const processClock: ProcessorClock = {
  wall: () => performance.now(),
  processor() {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  },
}

/**
 * Watches whether threads that spin while they wait for each other get their cores. Alone on a machine spinning saves the
 * time of waking up, a twentieth of a step of a small model. Beside other work it is the other way round: a thread spins
 * for another one that waits for its turn, and both programs become slower than half as fast. So it spins until it gets
 * less than three quarters of the cores, then lets threads sleep, and tries again after a while.
 */
export function watchCoreSharing(threads: number, clock: ProcessorClock = processClock): CoreSharing {
  let yields = false
  let wallMs = 0
  let processorMs = 0
  return {
    get yields() {
      return yields
    },
    async watch(compute) {
      const [wall, processor] = [clock.wall(), clock.processor()]
      try {
        return await compute()
      } finally {
        wallMs += clock.wall() - wall
        processorMs += clock.processor() - processor
        if (wallMs >= (yields ? restMs : windowMs)) {
          yields = !yields && processorMs / wallMs < leastShare * threads
          wallMs = processorMs = 0
        }
      }
    },
  }
}
