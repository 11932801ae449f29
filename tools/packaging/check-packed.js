import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Largest program of a platform without Electron itself, in bytes: the libraries of one platform are up to 90 MB. */
const largestBytes = 160e6

/**
 * What is wrong with a packed program: libraries of other platforms, none of this one, models, or too much of anything.
 *
 * @param {string} resources folder that holds app.asar
 * @param {string} platform as Node names it
 * @param {string} arch as Node names it
 * @returns {string[]} a line for each fault; none where all is well
 */
export function packingFaults(resources, platform, arch) {
  const unpacked = join(resources, 'app.asar.unpacked')
  const binaries = join(unpacked, 'node_modules/onnxruntime-node/bin/napi-v6')
  const faults = []
  const found = existsSync(binaries)
    ? readdirSync(binaries).flatMap((system) =>
        readdirSync(join(binaries, system)).map((processor) => `${system}/${processor}`),
      )
    : []
  const wanted = `${platform}/${arch}`
  if (!found.includes(wanted)) faults.push(`the libraries of ${wanted} are missing`)
  const others = found.filter((each) => each !== wanted)
  if (others.length > 0) faults.push(`libraries of other platforms are packed: ${others.join(', ')}`)
  const files = filesIn(resources)
  if (!files.some(({ path }) => path === join(binaries, wanted, 'onnxruntime_binding.node'))) {
    faults.push('onnxruntime_binding.node is not beside its libraries')
  }
  const models = files.filter(({ path }) => /\.(gguf|onnx|safetensors)$/i.test(path))
  if (models.length > 0)
    faults.push(`models are packed: ${models.map(({ path }) => relative(resources, path)).join(', ')}`)
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  if (total > largestBytes) faults.push(`${total} bytes are packed, more than ${largestBytes}`)
  return faults
}

/** @param {string} folder @returns {{ path: string, bytes: number }[]} */
function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return filesIn(path)
    return [{ path, bytes: statSync(path).size }]
  })
}
