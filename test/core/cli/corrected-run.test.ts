import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runCommand } from '../../support/command-line.js'
import { writeTinyFiles } from '../../support/tiny-files.js'

const folder = mkdtempSync(join(tmpdir(), 'zerotune-corrected-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a run with a corrected row', () => {
  it('keeps the correction for resume and eval, and out of what is shared', async () => {
    const { model } = writeTinyFiles(folder)
    const [data, run] = [join(folder, 'rows.tsv'), join(folder, 'run')]
    const rows = Array.from({ length: 12 }, (_, row) => `message ${row * 7919}\t${row % 2}`)
    const text = `text\tlabel\n${rows.join('\n')}\ntorn\n`
    writeFileSync(data, text)
    const task = ['--prompt', '{text} is', '--label-column', 'label', '--labels', '{"0":" a","1":" b"}']
    const train = [
      'train',
      model,
      '--data',
      data,
      ...task,
      '--out',
      run,
      '--steps',
      '2',
      '--recipe',
      'qzo-rows',
    ]
    expect((await runCommand(...train)).errors).toContain('line 14')
    rmSync(run, { recursive: true, force: true })
    const trained = await runCommand(...train, '--correct', '14=Quetzalcoatl\t1')
    expect([trained.status, trained.errors]).toEqual([0, ''])
    expect(readFileSync(data, 'utf8')).toBe(text)
    const job = JSON.parse(readFileSync(join(run, 'job.json'), 'utf8')) as { data: { selection: object } }
    expect(job.data.selection).toMatchObject({ corrections: [{ line: 14, text: 'Quetzalcoatl\t1' }] })
    const evaluated = await runCommand('eval', run)
    expect([evaluated.status, evaluated.errors]).toEqual([0, ''])
    const adapter = join(folder, 'shared.zta')
    const exported = await runCommand('export', run, '--format', 'adapter', '--out', adapter)
    expect([exported.status, exported.errors]).toEqual([0, ''])
    expect(readFileSync(adapter, 'latin1')).not.toContain('Quetzalcoatl')
  })
})
