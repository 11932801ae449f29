import { expect, it } from 'vitest'
import { gpuOfDrivers } from '../../../core/runtime/find-gpu.js'

// A system with Mesa loads all of its drivers, whatever hardware there is.
const mesa = ['radeon', 'intel', 'nouveau', 'lvp'].map((name) => `/usr/lib/libvulkan_${name}.so`).join('\n')

it.each([
  ['the driver whose hardware is there', mesa, ['0x8086'], true, 'Intel, Vulkan', false],
  ['a software driver where no hardware is', mesa, [], false, 'llvmpipe, software', true],
  ['no hardware by a vendor without a driver', mesa, ['0x1234'], true, 'llvmpipe, software', true],
  ['the maker', `${mesa}\n/usr/lib/libGLX_nvidia.so.0`, ['0x10de'], true, 'NVIDIA, Vulkan', false],
  ['a GPU within a chip', '/usr/lib/libvulkan_asahi.so', [], true, 'Apple, Vulkan', false],
  ['SwiftShader', '/tmp/libvk_swiftshader.so', ['0x10de'], true, 'SwiftShader, software', true],
])('names %s', (_, loaded, vendors, hasRenderer, adapter, isSoftware) => {
  expect(gpuOfDrivers(loaded, vendors, hasRenderer)).toEqual({ adapter, isSoftware })
})
