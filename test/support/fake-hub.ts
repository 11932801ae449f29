import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Hub } from '../../core/hub/hub.js'
import type { RemoteFile } from '../../core/hub/remote-file.js'
import { TestClock } from './test-clock.js'

export const commit = 'c0ffee'.padEnd(40, '0')
/** Where large files are sent from: another host, as at the real hub. Requests to it reach the fake one. */
export const cdn = 'https://cdn.example'

/** What a server does instead of sending the bytes that were asked for. */
export type Misbehaviour =
  /** Closes the connection after so many bytes of the answer. */
  | { readonly drop: number }
  /** Sends so many bytes, then nothing more. */
  | { readonly hang: number }
  /** Sends a few bytes now and then. */
  | { readonly drip: true }
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly redirect: string }
  /** Other bytes, under this ETag. */
  | { readonly bytes: Buffer; readonly etag?: string }
  /** The whole file, whatever was asked for. */
  | { readonly ignoresRange: true }
  /** A range that was not asked for. */
  | { readonly wrongRange: true }
  /** More bytes than promised, of an unknown length. */
  | { readonly more: number }

/** Decides on one request for bytes: the how-manyth it is, counted from 0. Null behaves. */
export type Behaviour = (index: number, path: string) => Misbehaviour | null

export interface FakeRepository {
  readonly files: Readonly<Record<string, Buffer>>
  readonly gated?: boolean
  readonly tags?: readonly string[]
  /** Entries of the list of files as they are, beside those of `files`. */
  readonly odd?: readonly object[]
}

/** A request as the network would see it. */
export interface SeenRequest {
  readonly address: string
  readonly headers: Readonly<Record<string, string>>
}

export interface FakeHub {
  readonly endpoint: string
  readonly seen: readonly SeenRequest[]
  readonly clock: TestClock
  /** How large files are sent from now on. */
  behave(behaviour: Behaviour): void
  /** The same hub, seen by the program. */
  open(options?: Partial<Hub>): Hub
}

/** Files up to this length are kept in git, larger ones by their SHA-256. */
const smallBytes = 1000
const pageLength = 2

/**
 * A server on this computer with the parts of the hub's interface that the program uses, for the length of a test.
 *
 * @param isOneHost whether it sends large files itself, for programs that cannot be told where `cdn` is
 */
export async function openFakeHub(
  repositories: Readonly<Record<string, FakeRepository>>,
  { isOneHost = false }: { readonly isOneHost?: boolean } = {},
): Promise<FakeHub> {
  const clock = new TestClock()
  const seen: SeenRequest[] = []
  let behaviour: Behaviour = () => null
  let sent = 0
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', endpoint)
    if (url.pathname.startsWith('/cdn/')) {
      const [, , owner, name, ...path] = url.pathname.split('/').map(decodeURIComponent)
      const file = repositories[`${owner}/${name}`].files[path.join('/')]
      sendBytes(request, response, file, behaviour(sent++, path.join('/')), clock)
    } else
      answer(url, request, response, {
        repositories,
        endpoint,
        clock,
        cdn: isOneHost ? `${endpoint}/cdn` : cdn,
      })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    endpoint,
    seen,
    clock,
    behave: (next) => {
      behaviour = next
      sent = 0
    },
    open: (options = {}) => ({
      endpoint,
      token: null,
      isOffline: () => false,
      clock,
      send: (address, init) => {
        seen.push({ address, headers: init.headers })
        return fetch(address.replace(`${cdn}/`, `${endpoint}/cdn/`), init)
      },
      ...options,
    }),
  }
}

/** What the hub promises of a file. */
export function promised(path: string, bytes: Buffer): RemoteFile {
  const isLarge = bytes.byteLength > smallBytes
  return {
    path,
    byteLength: bytes.byteLength,
    sha256: isLarge ? createHash('sha256').update(bytes).digest('hex') : null,
    gitOid: isLarge
      ? null
      : createHash('sha1').update(`blob ${bytes.byteLength}\0`).update(bytes).digest('hex'),
  }
}

interface Parts {
  readonly repositories: Readonly<Record<string, FakeRepository>>
  readonly endpoint: string
  readonly clock: TestClock
  readonly cdn: string
}

function answer(
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
  { repositories, endpoint, clock, cdn }: Parts,
): void {
  const json = (value: unknown, headers: Record<string, string> = {}): void => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
  }
  const fail = (status: number, code: string): void =>
    void response.writeHead(status, { 'x-error-code': code }).end()
  if (url.pathname === '/api/models' || url.pathname === '/api/datasets') {
    const words = url.searchParams.get('search') ?? ''
    const found = Object.entries(repositories).filter(([name]) =>
      name.toLowerCase().includes(words.toLowerCase()),
    )
    json(found.map(([id, repository]) => shown(id, repository)))
    return
  }
  const [name, repository] =
    Object.entries(repositories).find(([id]) => url.pathname.includes(`/${id}/`)) ?? ([null, null] as const)
  if (repository === null) {
    fail(401, 'RepoNotFound')
    return
  }
  if (repository.gated === true && request.headers.authorization !== 'Bearer hf_good') {
    fail(403, 'GatedRepo')
    return
  }
  if (url.pathname.includes('/revision/')) {
    json({ ...shown(name, repository), sha: commit })
    return
  }
  if (url.pathname.includes('/tree/')) {
    const all = [
      ...Object.entries(repository.files).map(([path, bytes]) => entry(path, bytes)),
      ...(repository.odd ?? []),
    ]
    const start = Number(url.searchParams.get('cursor') ?? 0)
    const next = `${endpoint}${url.pathname}?recursive=true&cursor=${start + pageLength}`
    const hasMore = start + pageLength < all.length
    json(all.slice(start, start + pageLength), hasMore ? { link: `<${next}>; rel="next"` } : {})
    return
  }
  const path = decodeURIComponent(url.pathname.split(`/resolve/${commit}/`)[1] ?? '')
  if (!Object.hasOwn(repository.files, path)) {
    fail(404, 'EntryNotFound')
    return
  }
  const bytes = repository.files[path]
  if (bytes.byteLength <= smallBytes) sendBytes(request, response, bytes, null, clock)
  else
    response
      .writeHead(302, { location: `${cdn}/${name}/${path.split('/').map(encodeURIComponent).join('/')}` })
      .end()
}

function shown(id: string, { gated = false, tags = ['gguf', 'license:apache-2.0'] }: FakeRepository) {
  return { _id: 'x', id, downloads: 12, likes: 3, gated: gated ? 'auto' : false, tags }
}

function entry(path: string, bytes: Buffer): object {
  const { byteLength: size, sha256, gitOid } = promised(path, bytes)
  return {
    type: 'file',
    path,
    size,
    oid: gitOid ?? '0'.repeat(40),
    ...(sha256 !== null && { lfs: { oid: sha256, size } }),
  }
}

function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  file: Buffer,
  odd: Misbehaviour | null,
  clock: TestClock,
): void {
  if (odd !== null && 'status' in odd) return void response.writeHead(odd.status, odd.headers).end()
  if (odd !== null && 'redirect' in odd) return void response.writeHead(302, { location: odd.redirect }).end()
  const bytes = odd !== null && 'bytes' in odd ? odd.bytes : file
  const etag = (odd !== null && 'bytes' in odd && odd.etag) || '"first"'
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
  const isChanged = request.headers['if-range'] !== undefined && request.headers['if-range'] !== etag
  const isWhole = range === null || isChanged || (odd !== null && 'ignoresRange' in odd)
  const start = isWhole ? 0 : Number(range[1])
  const end = isWhole ? bytes.byteLength : Number(range[2]) + 1
  const shift = odd !== null && 'wrongRange' in odd ? 1 : 0
  const body = bytes.subarray(start, end)
  const more = odd !== null && 'more' in odd ? odd.more : 0
  response.writeHead(isWhole ? 200 : 206, {
    etag,
    ...(more === 0 && { 'content-length': String(body.byteLength) }),
    ...(!isWhole && { 'content-range': `bytes ${start + shift}-${end - 1 + shift}/${bytes.byteLength}` }),
  })
  if (odd !== null && 'drop' in odd) {
    response.write(body.subarray(0, odd.drop), () => response.destroy())
  } else if (odd !== null && ('hang' in odd || 'drip' in odd)) {
    // The watch on a connection runs out once, whatever came meanwhile.
    response.write(body.subarray(0, 'hang' in odd ? odd.hang : 1), () =>
      setImmediate(() => clock.expireAll()),
    )
    if ('drip' in odd) dripUntilClosed(response, body.subarray(1))
  } else response.end(Buffer.concat([body, Buffer.alloc(more)]))
}

function dripUntilClosed(response: ServerResponse, rest: Buffer): void {
  let sent = 0
  const tick = (): void => {
    if (response.destroyed || sent >= rest.byteLength) return
    response.write(rest.subarray(sent, (sent += 10)), () => setImmediate(tick))
  }
  setImmediate(tick)
}
