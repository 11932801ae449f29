import { join } from 'node:path'
import { packingFaults } from './check-packed.js'

/** Names that electron-builder gives to processors, by its numbers. */
const arches = ['ia32', 'x64', 'armv7l', 'arm64', 'universal']

/**
 * Stops a package that would not run, or that carries what it should not, before an installer is made of it.
 *
 * @param {import('electron-builder').AfterPackContext} context
 */
export default function afterPack({ appOutDir, electronPlatformName, arch, packager }) {
  const resources =
    electronPlatformName === 'darwin'
      ? join(appOutDir, `${packager.appInfo.productFilename}.app`, 'Contents/Resources')
      : join(appOutDir, 'resources')
  const faults = packingFaults(resources, electronPlatformName, arches[arch])
  if (faults.length > 0) throw new Error(`the package is wrong: ${faults.join('; ')}`)
}
