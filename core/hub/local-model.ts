/** A model that is on this computer: kept by another program, or fetched from the hub. It is used where it is, never copied. */
export interface LocalModel {
  readonly source: 'hub' | 'ollama' | 'lm-studio' | 'hugging-face'
  /** As that program calls it. */
  readonly name: string
  readonly path: string
  readonly byteLength: number
}

/** A library that was looked through. */
export interface LocalLibrary {
  readonly source: LocalModel['source']
  readonly folder: string
  readonly isFound: boolean
  readonly models: readonly LocalModel[]
  /** Entries that name no file that is there, or that could not be read. */
  readonly skippedCount: number
}

/** Most models listed of one library: folders are a stranger's. */
export const mostModels = 500
