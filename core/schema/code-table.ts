/** Tables of 16 values that a 4-bit code looks up; their values are those of `codeTable`. */
export const codeTableNames = ['nf4', 'bof4', 'bof4-s'] as const
export type CodeTableName = (typeof codeTableNames)[number]
