import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import chromium from '@sparticuz/chromium'

/**
 * What a process needs in its environment to find SwiftShader, a Vulkan that the processor computes, and the loader for it:
 * Chromium's npm package has both for Linux x64. Null elsewhere.
 */
export async function softwareGpu(): Promise<Readonly<Record<string, string>> | null> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null
  const folder = dirname(await chromium.executablePath())
  const icd = join(folder, 'vk_swiftshader_icd.json')
  if (!existsSync(icd) || !existsSync(join(folder, 'libvulkan.so.1'))) return null
  return { LD_LIBRARY_PATH: folder, VK_ICD_FILENAMES: icd }
}
