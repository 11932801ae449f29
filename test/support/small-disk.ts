import { execFileSync } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from './temporary-folder.js'

/** A file system of its own that goes away with the test, or null where this user may not make one. */
export function mountSmallDisk(kibibytes: number): string | null {
  const folder = temporaryFolder()
  const options = `size=${kibibytes}k`
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'none', folder], { stdio: 'ignore' })
  } catch {
    return null
  }
  onTestFinished(() => void execFileSync('umount', [folder]))
  return folder
}
