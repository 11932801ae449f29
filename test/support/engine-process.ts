import { execFileSync } from 'node:child_process'

/** The number of the one engine process that this process has started. */
export function engineProcess(): number {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n')
  const found = lines.flatMap((line) => {
    const [pid, parent, ...args] = line.trim().split(/\s+/)
    const isOurs = Number(parent) === process.pid && /electron[/\\]engine[/\\]index\.js/.test(args.join(' '))
    return isOurs ? [Number(pid)] : []
  })
  const [pid] = found
  if (found.length !== 1) throw new Error(`expected one engine, found ${found.length}`)
  return pid
}

/** The engine stands still meanwhile, however fast the machine; what it is sent waits for it. */
export async function whileEngineStands<T>(use: () => Promise<T>): Promise<T> {
  const pid = engineProcess()
  process.kill(pid, 'SIGSTOP')
  try {
    return await use()
  } finally {
    process.kill(pid, 'SIGCONT')
  }
}

/** Ends the engine as the system does when memory runs out. */
export function killEngine(): void {
  process.kill(engineProcess(), 'SIGKILL')
}
