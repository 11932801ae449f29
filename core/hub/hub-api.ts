import { z } from 'zod'
import { downloadInvalid } from './download-invalid.js'
import type { Hub } from './hub.js'
import { isRepositoryName } from './file-name.js'
import { readJson } from './read-json.js'
import { remoteFile, type RemoteFile } from './remote-file.js'

/** What a repository holds. */
export type RepositoryKind = 'model' | 'dataset'

/** A repository as a search shows it. */
export interface FoundRepository {
  /** `OWNER/NAME` */
  readonly name: string
  readonly downloads: number
  readonly likes: number
  /** As its owner names it; null where it does not. */
  readonly licence: string | null
  /** Whether its owner lets in only who asked. */
  readonly isGated: boolean
}

/** A repository at one commit. */
export interface Repository extends FoundRepository {
  readonly kind: RepositoryKind
  /** The commit, so that what is fetched later is what was shown. */
  readonly revision: string
  readonly files: readonly RemoteFile[]
  /** Files that are left out because no system, or not every one, could keep their names in a folder. */
  readonly unsafeCount: number
}

const repositoryFields = z.object({
  id: z.string().refine(isRepositoryName),
  downloads: z.number().nonnegative().catch(0),
  likes: z.number().nonnegative().catch(0),
  gated: z.union([z.literal(false), z.string()]).catch(false),
  tags: z.array(z.string()).catch([]),
})
const searchAnswer = z.array(z.unknown()).max(1000)
const infoAnswer = repositoryFields.extend({ sha: z.string().regex(/^[0-9a-f]{40}$/) })
const treeAnswer = z
  .array(
    z.object({
      type: z.string(),
      path: z.string(),
      size: z.number().optional(),
      oid: z.string().optional(),
      lfs: z.object({ oid: z.string(), size: z.number() }).optional(),
    }),
  )
  .max(10_000)

const shownFields = ['downloads', 'likes', 'gated', 'tags']
const mostFound = 30
const mostPages = 20

/**
 * Models with GGUF files, or data sets, whose names contain the words, the most downloaded first. What the hub lists without a
 * usable name is left out.
 *
 * @throws EngineError of `readJson`
 */
export async function searchRepositories(
  hub: Hub,
  { kind, words }: { readonly kind: RepositoryKind; readonly words: string },
  signal: AbortSignal,
): Promise<FoundRepository[]> {
  const filter: [string, string][] = kind === 'model' ? [['filter', 'gguf']] : []
  const query = new URLSearchParams([
    ['search', words],
    ...filter,
    ['sort', 'downloads'],
    ['limit', String(mostFound)],
    ...shownFields.map((field): [string, string] => ['expand', field]),
  ])
  const address = `${hub.endpoint}/api/${kind}s?${query.toString()}`
  const { value } = await readJson(hub, { address, name: words, signal }, searchAnswer)
  return value.flatMap((entry) => {
    const parsed = repositoryFields.safeParse(entry)
    return parsed.success ? [foundRepository(parsed.data)] : []
  })
}

/**
 * What a repository holds now.
 *
 * @param revision branch, tag or commit
 * @throws EngineError of `readJson`
 */
export async function describeRepository(
  hub: Hub,
  {
    kind,
    name,
    revision = 'main',
  }: { readonly kind: RepositoryKind; readonly name: string; readonly revision?: string },
  signal: AbortSignal,
): Promise<Repository> {
  const base = `${hub.endpoint}/api/${kind}s/${name}`
  const query = new URLSearchParams(
    [...shownFields, 'sha'].map((field): [string, string] => ['expand', field]),
  )
  const address = `${base}/revision/${encodeURIComponent(revision)}?${query.toString()}`
  const { value: info } = await readJson(hub, { address, name, signal }, infoAnswer)
  const { files, unsafeCount } = await listFiles(hub, `${base}/tree/${info.sha}`, name, signal)
  // A repository that was renamed answers to its old name too; what was asked for stays its name here.
  return { ...foundRepository(info), name, kind, revision: info.sha, files, unsafeCount }
}

async function listFiles(
  hub: Hub,
  base: string,
  name: string,
  signal: AbortSignal,
): Promise<Pick<Repository, 'files' | 'unsafeCount'>> {
  const files: RemoteFile[] = []
  let unsafeCount = 0
  let query: string | null = '?recursive=true'
  for (let page = 0; query !== null; page++) {
    if (page === mostPages) throw downloadInvalid(name, 'it lists too many files')
    const address: string = base + query
    const { value, next } = await readJson(hub, { address, name, signal }, treeAnswer)
    for (const { type, path, size, oid, lfs } of value) {
      if (type !== 'file') continue
      const file = remoteFile.safeParse({
        path,
        byteLength: lfs?.size ?? size,
        sha256: lfs?.oid.replace(/^sha256:/, '') ?? null,
        gitOid: lfs === undefined ? (oid ?? null) : null,
      })
      if (file.success) files.push(file.data)
      else if (!/(?:^|\/)\.git/.test(path)) unsafeCount++
    }
    // A mirror may name the original's address: only the place in the list is taken from it.
    query = next === null ? null : new URL(next, hub.endpoint).search
  }
  return { files, unsafeCount }
}

/** The address of a file at one commit. */
export function fileAddress(
  hub: Hub,
  { kind, name, revision }: Pick<Repository, 'kind' | 'name' | 'revision'>,
  path: string,
): string {
  const folder = kind === 'dataset' ? 'datasets/' : ''
  return `${hub.endpoint}/${folder}${name}/resolve/${revision}/${path.split('/').map(encodeURIComponent).join('/')}`
}

function foundRepository({
  id,
  downloads,
  likes,
  gated,
  tags,
}: z.infer<typeof repositoryFields>): FoundRepository {
  const licence = tags.find((tag) => tag.startsWith('license:'))?.slice('license:'.length) ?? null
  return { name: id, downloads, likes, licence, isGated: gated !== false }
}
