import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runCommand } from '../../support/command-line.js'
import { writeTinyFiles } from '../../support/tiny-files.js'

const folder = mkdtempSync(join(tmpdir(), 'zerotune-privacy-'))
const files = writeTinyFiles(folder)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Stands in every row, in words and in numbers that no figure has by chance. */
const secret = 'Quetzalcoatl'

describe('rows', () => {
  it('stay where they are: a run keeps the hash of its file and the task, and no row', async () => {
    const data = join(folder, 'secret.tsv')
    const rows = Array.from({ length: 24 }, (_, row) => `${secret} ${row}\t${row % 2}`)
    // A row that cannot be used, which messages are about.
    rows.splice(20, 0, `${secret} alone`)
    writeFileSync(data, `word\tkind\n${rows.join('\n')}\n`)
    const run = join(folder, 'run')
    const flags = ['--data', data, ...files.task, '--skip-bad-rows', '--steps', '4', '--eval-every', '2']
    const trained = await runCommand('train', files.model, ...flags, '--out', run)
    expect([trained.status, trained.errors]).toEqual([0, ''])
    const written = readdirSync(run, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    )
    expect(written.map(({ name }) => name)).toContain('journal.jsonl')
    for (const { parentPath, name } of written) {
      expect([name, readFileSync(join(parentPath, name)).includes(secret)]).toEqual([name, false])
    }
    expect(trained.output).not.toContain(secret)
    const job = JSON.parse(readFileSync(join(run, 'job.json'), 'utf8')) as { data: { sha256: string } }
    expect(job.data.sha256).toMatch(/^[0-9a-f]{64}$/)
  })
})
