import { rowProblem, type RowProblemCode } from '../../schema/row-problems.js'

/** A kind of file by its first bytes, and what to do with it instead. */
const kinds: readonly { readonly magic: string; readonly offset?: number; readonly code: RowProblemCode }[] =
  [
    { magic: 'PK\x03\x04', code: 'file-zip' },
    { magic: '\xd0\xcf\x11\xe0', code: 'file-office' },
    { magic: '%PDF', code: 'file-pdf' },
    { magic: 'GGUF', code: 'file-gguf' },
    { magic: 'SQLite format 3', code: 'file-sqlite' },
    { magic: 'ARROW1', code: 'file-arrow' },
    { magic: '7z\xbc\xaf', code: 'file-7z' },
    { magic: 'BZh', code: 'file-bzip2' },
    { magic: '\xfd7zXZ', code: 'file-xz' },
    { magic: '\x89PNG', code: 'file-picture' },
    { magic: '\xff\xd8\xff', code: 'file-picture' },
    { magic: '\x93NUMPY', code: 'file-numpy' },
    { magic: 'ustar', offset: 257, code: 'file-tar' },
  ]

/** What a file that is no text is, for a message; null where it has no name here. */
export function binaryKind(head: Uint8Array): string | null {
  const text = Buffer.from(head.subarray(0, 512)).toString('latin1')
  const found = kinds.find(({ magic, offset = 0 }) => text.startsWith(magic, offset))
  return found === undefined ? null : rowProblem(found.code, {})
}
