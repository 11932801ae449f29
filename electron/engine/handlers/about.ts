import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus, freemem, release, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { programVersion } from '../../../core/schema/version.js'
import { runtimeVersion } from '../../../core/index.js'
import type { Handlers } from '../../ipc/contract.js'
import type { EngineContext } from '../context.js'
import type { RunDesk } from '../run-desk.js'
import { withoutPrivate } from '../without-private.js'

type AboutHandlers = Pick<Handlers<'engine'>, 'about.describe' | 'about.diagnostics'>

const packageJson = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string().default('not stated'),
  dependencies: z.record(z.string(), z.string()).default({}),
})

/** What this program is made of, and what a report of a fault needs. */
export function aboutHandlers({ config, device }: EngineContext, desk: RunDesk): AboutHandlers {
  return {
    'about.describe': async () => ({
      program: programVersion,
      versions: [
        { name: 'Zerotune', version: programVersion },
        { name: 'onnxruntime', version: await runtimeVersion() },
        { name: 'Node', version: process.versions.node },
        ...(process.versions.electron === undefined
          ? []
          : [{ name: 'Electron', version: process.versions.electron }]),
      ],
      licences: installedLicences(),
    }),
    'about.diagnostics': async () => {
      const current = desk.current
      const lines = [
        `Zerotune ${programVersion}, ${config().hostName}`,
        `${process.platform} ${process.arch} ${release()}, Node ${process.versions.node}`,
        `onnxruntime ${await runtimeVersion()}, ${device().name}, ${device().threads} threads`,
        `${cpus().at(0)?.model ?? 'unknown processor'}, ${availableParallelism()} cores`,
        `memory: ${megabytes(totalmem())} MB, ${megabytes(freemem())} MB free, engine ${megabytes(process.memoryUsage.rss())} MB`,
        ...(current === null ? ['no run goes'] : runLines(desk, current.runId)),
        ...desk
          .list()
          .slice(0, 5)
          .map(({ runId, state, problem }) => `${runId}: ${state}${problem === null ? '' : `, ${problem}`}`),
      ]
      return { text: withoutPrivate(lines.join('\n'), config().homeFolder) }
    },
  }
}

function runLines(desk: RunDesk, runId: string): string[] {
  const { summary, settings, vitals } = desk.details(runId)
  return [
    `run: ${summary.state}, step ${summary.step} of ${summary.steps}, ${vitals.activity}`,
    `settings: ${JSON.stringify(settings)}`,
  ]
}

/** Licences of the packages that run, as each says itself; without its folder, as in a bundle, a list made at the build. */
function installedLicences(): { name: string; version: string; licence: string }[] {
  const root = nearest('node_modules')
  const start = root === null ? null : readPackage(join(dirname(root), 'package.json'))
  if (root === null || start === null) return []
  const found = new Map<string, { name: string; version: string; licence: string }>()
  const open = Object.keys(start.dependencies)
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const described = found.has(name) ? null : readPackage(join(root, name, 'package.json'))
    if (described === null) continue
    found.set(name, { name, version: described.version, licence: described.license })
    open.push(...Object.keys(described.dependencies))
  }
  return [...found.values()].toSorted((left, right) => left.name.localeCompare(right.name))
}

function nearest(name: string): string | null {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const path = join(folder, name)
    if (existsSync(path) && readdirSync(path).length > 0) return path
    if (dirname(folder) === folder) return null
  }
}

function readPackage(path: string): z.infer<typeof packageJson> | null {
  try {
    return packageJson.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return null
  }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6)
}
