import { resolve } from 'node:path'
import { defineConfig } from 'electron-vite'
import page from './renderer/vite.config.js'

const root = import.meta.dirname
const output = resolve(root, 'dist/app')

/** The binding finds its libraries beside itself, so it stays a package; everything else goes into the bundles. */
const external = ['electron', 'onnxruntime-node']

/** Four programs: the main process with the engine beside it, the preload script, and the page. */
export default defineConfig({
  main: {
    build: {
      externalizeDeps: false,
      outDir: resolve(output, 'main'),
      target: 'node22',
      rolldownOptions: {
        external,
        input: {
          index: resolve(root, 'electron/main/index.ts'),
          engine: resolve(root, 'electron/engine/index.ts'),
        },
        output: { format: 'es' },
      },
    },
  },
  preload: {
    build: {
      externalizeDeps: false,
      outDir: resolve(output, 'preload'),
      target: 'node22',
      rolldownOptions: {
        external: ['electron'],
        input: { index: resolve(root, 'electron/preload/index.ts') },
        // A sandboxed script can be neither a module nor several files.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    ...page,
    // The page's own configuration is bundled into this one and would take this folder for its own.
    root: resolve(root, 'renderer'),
    build: {
      ...page.build,
      outDir: resolve(output, 'renderer'),
      rolldownOptions: { input: resolve(root, 'renderer/index.html') },
    },
  },
})
