import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { trainEvent, type TrainEvent } from '../core/schema/events.js'

const command = fileURLToPath(new URL('../../bin/zerotune.js', import.meta.url))

/** The allocator's settings, as in the command's own first line. */
const environment = {
  ...process.env,
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '8388608',
  MALLOC_MMAP_THRESHOLD_: '9999999',
  GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
}

/** Runs the command line as a person would, and gives its training events; the process' memory is its own. */
export async function runTraining(
  args: readonly string[],
  onEvent: (event: TrainEvent) => void = () => undefined,
): Promise<TrainEvent[]> {
  const child = spawn(process.execPath, [command, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: environment,
  })
  const exited = new Promise<number | null>((done) => child.once('close', done))
  const events: TrainEvent[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    const event = trainEvent.parse(JSON.parse(line))
    events.push(event)
    onEvent(event)
  }
  const status = await exited
  if (status !== 0) throw new Error(`zerotune ${args.join(' ')} ended with status ${status}`)
  return events
}
