import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lockFile } from '../../../core/formats/file-lock.js'
import { packedPieces, unpackParts } from '../../../core/training/pack-parts.js'
import { readState, writeState, writeStatePieces } from '../../../core/training/state-file.js'

const folder = () => mkdtempSync(join(tmpdir(), 'zerotune-state-'))

describe('a state file', () => {
  it('gives back its step and bytes', () => {
    const path = join(folder(), 'best.state')
    writeState(path, { step: 7, state: Uint8Array.of(1, 2, 10, 255) })
    expect(readState(path)).toEqual({ step: 7, state: Uint8Array.of(1, 2, 10, 255) })
  })

  it('is the same in pieces', () => {
    const [whole, inPieces] = ['whole.state', 'pieces.state'].map((name) => join(folder(), name))
    writeState(whole, { step: 7, state: Uint8Array.of(1, 2, 10, 255) })
    writeStatePieces(inPieces, 7, [Uint8Array.of(1, 2), Uint8Array.of(10, 255)])
    expect(readFileSync(inPieces)).toEqual(readFileSync(whole))
  })

  it('holds several parts, and none where the bytes are something else', () => {
    const parts = [Uint8Array.of(1, 2, 3), Uint8Array.of(), Uint8Array.of(4)]
    const saved = parts.map((part) => [part.subarray(0, 1), part.subarray(1)])
    const packed = Uint8Array.from(Buffer.concat(packedPieces(saved)))
    expect(unpackParts(packed)).toEqual(parts)
    for (const other of [packed.subarray(0, -1), packed.subarray(0, 2), Uint8Array.of(9, 9, 9, 9)]) {
      expect(unpackParts(other)).toEqual([])
    }
  })

  it('is refused when a byte has changed, when it is cut, and when it is not there', () => {
    const path = join(folder(), 'best.state')
    writeState(path, { step: 7, state: Uint8Array.of(1, 2, 3, 4) })
    const whole = readFileSync(path)
    for (const damaged of [Buffer.concat([whole.subarray(0, -1), Buffer.from([9])]), whole.subarray(0, -1)]) {
      writeFileSync(path, damaged)
      expect(() => readState(path)).toThrow(expect.objectContaining({ code: 'run-invalid' }))
    }
    expect(() => readState(join(folder(), 'none'))).toThrow(expect.objectContaining({ code: 'run-invalid' }))
  })
})

describe('the lock of a run', () => {
  it('is taken once, and free again after', () => {
    const path = join(folder(), 'run.lock')
    writeFileSync(path, String(process.ppid))
    expect(() => lockFile(path, 'this run')).toThrow(expect.objectContaining({ code: 'run-locked' }))
    writeFileSync(path, '999999999')
    const unlock = lockFile(path, 'this run')
    unlock()
    lockFile(path, 'this run')()
  })
})
