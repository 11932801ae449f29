import { describe, expect, it } from 'vitest'
import { stages } from '../../../renderer/src/exports/export-stages.js'
import { fixedExport } from '../../support/renderer/fixed-library.js'

const statuses = (...input: Parameters<typeof stages>) => stages(...input).map(({ status }) => status)

describe('the checklist of an export', () => {
  it('lists what a format goes through', () => {
    expect(stages('adapter', [], null).map(({ name }) => name)).toEqual(['prepare', 'write', 'read', 'card'])
    expect(stages('ollama', [], null).map(({ name }) => name)).toContain('import')
  })

  it('fills in as phases are reported, and passes over those that are not', () => {
    expect(statuses('gguf', [], null)).toEqual(Array(5).fill('waiting'))
    expect(statuses('gguf', [], 'going')).toEqual(['going', 'waiting', 'waiting', 'waiting', 'waiting'])
    expect(statuses('gguf', ['loading-model', 'writing', 'proving'], 'going')).toEqual([
      'done',
      'done',
      'done',
      'going',
      'waiting',
    ])
  })

  it('stops where it failed', () => {
    expect(statuses('gguf', ['writing'], 'failed')).toEqual([
      'done',
      'failed',
      'waiting',
      'waiting',
      'waiting',
    ])
  })

  it('says in the end what the checks said, not what was reported', () => {
    expect(statuses('gguf', [], fixedExport)).toEqual(Array(5).fill('done'))
    const babbling = {
      ...fixedExport,
      checks: [{ check: 'stops' as const, passed: false, finding: { code: 'base-goes-on' as const } }],
    }
    expect(stages('gguf', [], babbling).find(({ name }) => name === 'prove')?.status).toBe('failed')
    expect(stages('ollama', [], fixedExport).find(({ name }) => name === 'import')?.status).toBe('skipped')
  })
})
