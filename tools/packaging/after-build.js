import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fuseFaults } from './check-fuses.js'

/** Where electron-builder leaves the program of each platform before it makes installers of it. */
const programs = [
  'linux-unpacked/zerotune',
  'linux-arm64-unpacked/zerotune',
  'win-unpacked/Zerotune.exe',
  'win-arm64-unpacked/Zerotune.exe',
  'mac-arm64/Zerotune.app',
]

/**
 * Refuses what was built where a fuse of a program is not as it should be.
 *
 * @param {{ readonly outDir: string }} result of electron-builder
 * @returns {Promise<string[]>} no further files to publish
 */
export default async function afterBuild({ outDir }) {
  const built = programs.map((program) => join(outDir, program)).filter((path) => existsSync(path))
  if (built.length === 0) throw new Error(`there is no program in ${outDir}`)
  for (const program of built) {
    const faults = await fuseFaults(program)
    if (faults.length > 0) throw new Error(`the fuses of ${program} are wrong: ${faults.join('; ')}`)
  }
  return []
}
