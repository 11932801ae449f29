import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A GPU, as far as it can be told without asking it. */
export interface FoundGpu {
  readonly adapter: string
  readonly isSoftware: boolean
}

interface VulkanDriver {
  /** In the path of its library. */
  readonly library: RegExp
  readonly name: string
  /** Vendor of its GPUs on the PCI bus; null for those that are part of a chip, or none. */
  readonly vendor: string | null
  readonly isSoftware?: boolean
}

const drivers: readonly VulkanDriver[] = [
  { library: /libGLX_nvidia|libnvidia-glcore/, name: 'NVIDIA', vendor: '0x10de' },
  { library: /libvulkan_nouveau/, name: 'NVIDIA (nouveau)', vendor: '0x10de' },
  { library: /libvulkan_radeon|amdvlk/, name: 'AMD', vendor: '0x1002' },
  { library: /libvulkan_intel/, name: 'Intel', vendor: '0x8086' },
  { library: /libvulkan_asahi/, name: 'Apple', vendor: null },
  { library: /libvulkan_panfrost/, name: 'Arm Mali', vendor: null },
  { library: /libvulkan_freedreno/, name: 'Qualcomm Adreno', vendor: null },
  { library: /libvulkan_broadcom/, name: 'Broadcom VideoCore', vendor: null },
  { library: /libvk_swiftshader/, name: 'SwiftShader', vendor: null, isSoftware: true },
  { library: /libvulkan_lvp/, name: 'llvmpipe', vendor: null, isSoftware: true },
]

/**
 * The GPU of a WebGPU session that is open. The binding does not name it: on Linux it is told from the Vulkan drivers that
 * the session loaded, and whether the hardware of each is there; a software driver is what is left when none has any.
 */
export function findGpu(): FoundGpu {
  if (process.platform === 'darwin') return { adapter: 'Metal', isSoftware: false }
  if (process.platform === 'win32') return { adapter: 'Direct3D 12', isSoftware: false }
  return gpuOfDrivers(readFileSync('/proc/self/maps', 'utf8'), pciVendors(), existsSync('/dev/dri'))
}

/**
 * @param loaded paths of all loaded libraries, in any text
 * @param vendors of the GPUs on the PCI bus
 * @param hasRenderer whether the system has any GPU of its own
 */
export function gpuOfDrivers(loaded: string, vendors: readonly string[], hasRenderer: boolean): FoundGpu {
  const found = drivers.filter(({ library }) => library.test(loaded))
  const hardware = found.find(({ vendor, isSoftware = false }) => {
    if (isSoftware) return false
    return vendor === null ? hasRenderer : vendors.includes(vendor)
  })
  if (hardware !== undefined) return { adapter: `${hardware.name}, Vulkan`, isSoftware: false }
  const software = found.find(({ isSoftware = false }) => isSoftware)
  if (software !== undefined) return { adapter: `${software.name}, software`, isSoftware: true }
  return { adapter: 'a Vulkan driver of unknown name', isSoftware: false }
}

function pciVendors(): string[] {
  const folder = '/sys/bus/pci/devices'
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((name) => {
    const [type, vendor] = ['class', 'vendor'].map((file) => readLine(join(folder, name, file)))
    // Display controllers, with or without an output.
    return type.startsWith('0x03') ? [vendor] : []
  })
}

function readLine(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : ''
}
