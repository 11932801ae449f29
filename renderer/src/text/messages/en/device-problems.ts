import type { DeviceProblemSentences } from '../../reason-text.js'

export const deviceProblems: DeviceProblemSentences = {
  'dml-elsewhere': 'DirectML is a part of Windows',
  'cuda-elsewhere': 'CUDA is used on Linux x64 only',
  'driver-missing': 'the library {name} is missing; it comes with the NVIDIA driver',
  'vulkan-missing':
    'the library {name} is missing; install the Vulkan loader, on Debian and Ubuntu the package libvulkan1',
  'halves-missing': 'the shaders of this GPU have no half floats (shader-f16)',
  'opening-failed': 'opening a graph',
  'running-failed': 'running a graph',
  'loading-failed': 'being loaded',
  'predicting-failed': 'predicting a token',
}
