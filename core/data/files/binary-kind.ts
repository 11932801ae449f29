/** A kind of file by its first bytes, and what to do with it instead. */
const kinds: readonly { readonly magic: string; readonly offset?: number; readonly name: string }[] = [
  { magic: 'PK\x03\x04', name: 'a ZIP archive or an Excel workbook; unpack it, or save the sheet as CSV' },
  { magic: '\xd0\xcf\x11\xe0', name: 'an old Excel or Word file; save the sheet as CSV' },
  { magic: '%PDF', name: 'a PDF file; copy its text into a text file' },
  { magic: 'GGUF', name: 'a model (GGUF)' },
  { magic: 'SQLite format 3', name: 'an SQLite database; save the table as CSV' },
  { magic: 'ARROW1', name: 'an Arrow file; save it as Parquet' },
  { magic: '7z\xbc\xaf', name: 'a 7-Zip archive; unpack it' },
  { magic: 'BZh', name: 'a bzip2 file; unpack it' },
  { magic: '\xfd7zXZ', name: 'an xz file; unpack it' },
  { magic: '\x89PNG', name: 'a picture' },
  { magic: '\xff\xd8\xff', name: 'a picture' },
  { magic: '\x93NUMPY', name: 'a NumPy array' },
  { magic: 'ustar', offset: 257, name: 'a tar archive; unpack it' },
]

/** What a file that is no text is, for a message; null where it has no name here. */
export function binaryKind(head: Uint8Array): string | null {
  const text = Buffer.from(head.subarray(0, 512)).toString('latin1')
  return kinds.find(({ magic, offset = 0 }) => text.startsWith(magic, offset))?.name ?? null
}
