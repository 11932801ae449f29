import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Those that take more than a minute, so that none of them is left for the end. */
const longest = ['killed-run', 'export-gguf', 'webgpu', 'wizard']

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      longest.some((name) => moduleId.endsWith(`/${name}.test.ts`))
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

/** `fast` runs in every check. `slow` needs minutes, or files that a fresh machine may not have. */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/slow/**'],
          // Modules hold no state, so files share them: two fifths less processor time.
          pool: 'forks',
          isolate: false,
          maxWorkers: '100%',
          // Machines are shared: a limit against hangs, not a measurement.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'slow',
          include: ['test/slow/**/*.test.ts'],
          globalSetup: ['test/support/renderer/prepare-pages.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          // Two at a time: most of them wait for one process, or for a page.
          maxWorkers: 2,
        },
      },
    ],
  },
})
