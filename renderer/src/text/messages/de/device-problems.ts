import type { DeviceProblemSentences } from '../../reason-text.js'

export const deviceProblems: DeviceProblemSentences = {
  'dml-elsewhere': 'DirectML gehört zu Windows',
  'cuda-elsewhere': 'CUDA wird nur unter Linux auf x64 benutzt',
  'driver-missing': 'Die Bibliothek {name} fehlt; sie kommt mit dem NVIDIA-Treiber',
  'vulkan-missing':
    'Die Bibliothek {name} fehlt; installiere den Vulkan-Loader, unter Debian und Ubuntu das Paket libvulkan1',
  'halves-missing': 'die Shader dieser GPU kennen keine halben Gleitkommazahlen (shader-f16)',
  'opening-failed': 'einen Graphen zu öffnen',
  'running-failed': 'einen Graphen auszuführen',
  'loading-failed': 'geladen zu werden',
  'predicting-failed': 'ein Token vorherzusagen',
}
