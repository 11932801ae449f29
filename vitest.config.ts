import { defineConfig } from 'vitest/config'

/** `fast` runs in every check. `slow` needs minutes, or files that a fresh machine may not have. */
export default defineConfig({
  test: {
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
          // One at a time: each has programs of its own, whose threads would wait for one another's.
          fileParallelism: false,
        },
      },
    ],
  },
})
