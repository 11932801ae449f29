import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus, freemem, release, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { programVersion } from '../../../core/schema/version.js'
import { runtimeVersion } from '../../../core/index.js'
import type { Handlers } from '../../ipc/contract.js'
import type { EngineContext } from '../context.js'
import type { RunDesk } from '../run-desk.js'
import { withoutPrivate, withoutValues } from '../without-private.js'

type AboutHandlers = Pick<Handlers<'engine'>, 'about.describe' | 'about.diagnostics'>

/** Made by `tools/packaging/list-licences.js`. */
const licenceList = z.array(z.strictObject({ name: z.string(), version: z.string(), licence: z.string() }))

/** What this program is made of, and what a report of a fault needs. */
export function aboutHandlers({ config, devices }: EngineContext, desk: RunDesk): AboutHandlers {
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
      licences: bundledLicences(),
    }),
    'about.diagnostics': async () => {
      const current = desk.current
      // A report must come also where the chosen device is not there.
      const device = await devices.chosen().catch(() => devices.processor())
      const lines = [
        `Zerotune ${programVersion}, ${config().hostName}`,
        `${process.platform} ${process.arch} ${release()}, Node ${process.versions.node}`,
        `onnxruntime ${await runtimeVersion()}, ${device.name}, ${device.threads} threads`,
        `${cpus().at(0)?.model ?? 'unknown processor'}, ${availableParallelism()} cores`,
        `memory: ${megabytes(totalmem())} MB, ${megabytes(freemem())} MB free, engine ${megabytes(process.memoryUsage.rss())} MB`,
        ...(current === null ? ['no run goes'] : runLines(desk, current.runId)),
        ...desk
          .list()
          .slice(0, 5)
          .map(({ runId, state, failure }) =>
            failure === null
              ? `${runId}: ${state}`
              : `${runId}: ${state}, ${failure.code}, ${withoutValues(failure.message)}`,
          ),
      ]
      return { text: withoutPrivate(lines.join('\n'), config().homeFolder) }
    },
  }
}

function runLines(desk: RunDesk, runId: string): string[] {
  const { summary, settings, vitals } = desk.details(runId)
  // A file's name is the person's own.
  const shared = { ...settings, keepText: settings.keepText === null ? null : '<file>' }
  return [
    `run: ${summary.state}, step ${summary.step} of ${summary.steps}, ${vitals.activity}`,
    `settings: ${JSON.stringify(shared)}`,
  ]
}

/** Licences of the packages that are in this program; none where the list is not beside it. */
function bundledLicences(): z.infer<typeof licenceList> {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const path = join(folder, 'resources', 'licences.json')
    if (existsSync(path)) return licenceList.parse(JSON.parse(readFileSync(path, 'utf8')))
    if (dirname(folder) === folder) return []
  }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6)
}
