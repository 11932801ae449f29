// npm links the commands of dependencies, not a checkout's own. This makes `npx zerotune` work straight after `npm ci`.
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

const command = join('bin', 'zerotune.js')
const link = join('node_modules', '.bin', 'zerotune')
if (existsSync('node_modules') && process.platform !== 'win32') {
  mkdirSync(join('node_modules', '.bin'), { recursive: true })
  rmSync(link, { force: true })
  symlinkSync(join('..', '..', command), link)
  chmodSync(command, 0o755)
}
