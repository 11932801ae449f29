import { copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportGguf } from '../../../../core/export/gguf.js'
import { bytesSource, openByteSource } from '../../../../core/formats/byte-source.js'
import type { GgufTensor, GgufValue } from '../../../../core/formats/gguf/gguf-file.js'
import { openGguf } from '../../../../core/formats/gguf/open-gguf.js'
import { readGguf } from '../../../../core/formats/gguf/read-gguf.js'
import { loadModel } from '../../../../core/engine/loaded-model.js'
import { caughtError } from '../../../support/caught-error.js'
import { equalFactors } from '../../../support/random-factors.js'
import { temporaryFolder } from '../../../support/temporary-folder.js'
import { assembleGguf, tinyGguf } from '../../../support/tiny-gguf.js'
import { weightsOf } from '../../../support/weights-of.js'

/** A tiny model in three files, the first without tensors, as llama-gguf-split can write. */
function splitModel(change: (part: number, metadata: Map<string, GgufValue>) => void = () => undefined) {
  const folder = temporaryFolder()
  const whole = tinyGguf()
  const source = bytesSource(whole, 'whole')
  const file = readGguf(source)
  const tensors = [...file.tensors]
  const parts = [[], tensors.slice(0, 9), tensors.slice(9)]
  const paths = parts.map((ofPart, part) => {
    const numbers: [string, GgufValue][] = [
      ['split.no', { type: 'uint16', value: part }],
      ['split.count', { type: 'uint16', value: 3 }],
      ['split.tensors.count', { type: 'int32', value: tensors.length }],
    ]
    const metadata = new Map([...(part === 0 ? file.metadata : []), ...numbers])
    change(part, metadata)
    const content = { version: 3 as const, alignment: 32, metadata, tensors: new Map(ofPart) }
    const bytes = assembleGguf(content, ({ offset, byteLength }: GgufTensor) =>
      source.read(offset, byteLength),
    )
    const path = join(folder, `tiny-0000${part + 1}-of-00003.gguf`)
    writeFileSync(path, bytes)
    return path
  })
  const wholePath = join(folder, 'whole.gguf')
  writeFileSync(wholePath, whole)
  return { folder, paths, wholePath }
}

describe('a model in three files', () => {
  it('is the same model as in one, opened by any of its parts', () => {
    const { paths, wholePath } = splitModel()
    const whole = loadModel(wholePath)
    for (const path of paths) {
      const model = loadModel(path)
      expect(weightsOf(model)).toEqual(weightsOf(whole))
      expect(model.description).toEqual(whole.description)
    }
    const { file, source, isOneFile } = openGguf(paths[1])
    source.checkUnchanged()
    source.close()
    expect(isOneFile).toBe(false)
    expect([...file.metadata.keys()].filter((key) => key.startsWith('split.'))).toEqual([])
  })

  it('is written back as one, with the same types', () => {
    const { folder, paths, wholePath } = splitModel()
    const { description } = loadModel(wholePath)
    const changes = { scaleFactors: equalFactors(description, 2) }
    const [one, other] = [join(folder, 'one.gguf'), join(folder, 'other.gguf')]
    exportGguf({ basePath: wholePath, target: one, changes })
    exportGguf({ basePath: paths[0], target: other, changes })
    expect(weightsOf(loadModel(other))).toEqual(weightsOf(loadModel(one)))
    const source = openByteSource(other)
    expect(readGguf(source).tensors.get('blk.0.attn_q.weight')?.type).toBe('Q4_1')
    source.close()
  })

  it('is refused where a part is missing, another, or misnamed', () => {
    const missing = splitModel()
    rmSync(missing.paths[1])
    const error = caughtError(() => openGguf(missing.paths[0]))
    expect(error.code).toBe('file-unreadable')
    expect(error.message).toContain('tiny-00002-of-00003.gguf')

    const swapped = splitModel()
    copyFileSync(swapped.paths[2], swapped.paths[1])
    expect(caughtError(() => openGguf(swapped.paths[0])).message).toContain(
      'expected part 1 of 3, found part 2 of 3',
    )

    const misnamed = splitModel()
    const path = join(misnamed.folder, 'model.gguf')
    copyFileSync(misnamed.paths[0], path)
    expect(caughtError(() => openGguf(path)).message).toContain('-00001-of-00003.gguf')

    const short = splitModel((_, metadata) =>
      metadata.set('split.tensors.count', { type: 'int32', value: 99 }),
    )
    expect(caughtError(() => openGguf(short.paths[0])).message).toContain('expected 99 tensors')
  })
})
