import type { Command } from 'commander'
import { homedir, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { findElsewhere } from '../hub/find-elsewhere.js'
import { readRepositoryName } from '../hub/file-name.js'
import { describeRepository, type Repository, type RepositoryKind } from '../hub/hub-api.js'
import { openedPath, orderOf, receivedBytes, type DownloadOrder } from '../hub/download-order.js'
import { readKnownModels } from '../hub/known-models.js'
import { namedOffer, obviousOffer, offersOf, type Offer } from '../hub/offered-files.js'
import { totalBytes } from '../hub/remote-file.js'
import { runOrder } from '../hub/run-order.js'
import { defaultBudgetBytes } from '../memory/default-budget.js'
import { EngineError } from '../schema/engine-error.js'
import { requestInvalid } from '../schema/request-invalid.js'
import { abortOnInterrupt } from './abort-on-interrupt.js'
import { formatBytes } from './format.js'
import { hubAccess } from './hub-access.js'
import { knownLines, offerLines, offerRecord } from './offer-lines.js'
import { Output, type OutputOptions } from './output.js'
import { libraryFolders, modelsFolder } from './own-folders.js'
import { pullProgress } from './pull-progress.js'
import { withOutputOptions } from './shared-options.js'

interface PullOptions extends OutputOptions {
  readonly dataset?: boolean
  readonly list?: boolean
  readonly revision: string
  readonly tokenFile?: string
}

/** `zerotune pull`. */
export function addPullCommand(program: Command): void {
  const command = program
    .command('pull')
    .description('fetch a model from the Hugging Face hub, or from a mirror that HF_ENDPOINT names')
    .argument(
      '[name]',
      'OWNER/NAME, or OWNER/NAME:FILE; FILE may be a quantization such as Q4_K_M, or safetensors; without, models to begin with are listed',
    )
    .option('--list', 'only list what there is')
    .option('--dataset', 'a data set instead: a parquet, CSV, TSV, JSON or text file of it')
    .option('--revision <name>', 'branch, tag or commit', 'main')
    .option('--token-file <file>', 'file with your token, for models that need one (default: HF_TOKEN)')
  withOutputOptions(command).action(pull)
}

async function pull(text: string | undefined, options: PullOptions): Promise<void> {
  const output = new Output(options)
  if (text === undefined) {
    showKnown(output)
    return
  }
  const { name, file } = readRepositoryName(text)
  const hub = hubAccess(process.env, options.tokenFile)
  const kind: RepositoryKind = options.dataset === true ? 'dataset' : 'model'
  const interrupt = abortOnInterrupt()
  try {
    const { signal } = interrupt
    const repository = await describeRepository(hub, { kind, name, revision: options.revision }, signal)
    const offers = offersOf(repository)
    const chosen = options.list === true ? null : chooseOffer(repository, offers, file)
    if (chosen === null) {
      showOffers(repository, offers, output)
      if (options.list === true) return
      throw unclear(repository, offers)
    }
    const found =
      kind === 'model' ? findElsewhere(repository, chosen, libraryFolders(process.env, homedir())) : null
    if (found !== null) {
      output.result({ type: 'found', ...found }, [
        `already on this computer (${found.source}, same ${found.by === 'hash' ? 'hash' : 'name and size'}); it is used where it is:`,
        `  ${found.path}`,
      ])
      return
    }
    const root = modelsFolder(process.env, process.platform, homedir())
    await fetchOrder(orderOf(repository, chosen, new Date()), { root, hub, signal, output, text })
  } finally {
    interrupt.release()
  }
}

/** What the person named, or the obvious one; null where it is not clear. @throws EngineError 'hub-not-found' */
function chooseOffer({ name }: Repository, offers: readonly Offer[], file: string | null): Offer | null {
  if (file === null) return obviousOffer(offers)
  const named = namedOffer(offers, file)
  if (named !== null) return named
  const message = `'${name}' has no file '${file}' that can be used here; 'zerotune pull ${name} --list' lists what it has`
  throw new EngineError('hub-not-found', { name: `${name}:${file}` }, message)
}

async function fetchOrder(
  order: DownloadOrder,
  {
    root,
    hub,
    signal,
    output,
    text,
  }: Pick<Parameters<typeof runOrder>[1], 'root' | 'hub' | 'signal'> & {
    readonly output: Output
    readonly text: string
  },
): Promise<void> {
  const path = openedPath(root, order)
  const total = totalBytes(order.files)
  const here = receivedBytes(root, order)
  const rest = here > 0 && here < total ? `, ${formatBytes(here)} of it are here already` : ''
  output.say(`${order.files.map(({ path: file }) => file).join(', ')}: ${formatBytes(total)}${rest}`)
  output.say(`into ${dirname(path)}`)
  const progress = pullProgress(output, () => hub.clock.now())
  try {
    await runOrder(order, { root, hub, signal, progress })
  } catch (thrown) {
    if (!(thrown instanceof EngineError) || thrown.code !== 'cancelled') throw thrown
    const kept = formatBytes(receivedBytes(root, order))
    const message = `stopped; ${kept} of ${formatBytes(total)} are kept, and the same command goes on: zerotune pull ${text}`
    throw new EngineError('cancelled', {}, message, { cause: thrown })
  }
  output.result({ type: 'pulled', path, byteLength: total, revision: order.revision, files: order.files }, [
    `fetched, and its hash is the hub's: ${path}`,
    ...(order.kind === 'model' ? [`  next: zerotune inspect '${path}'`] : []),
  ])
}

/** Models to begin with. Asks nobody. */
function showKnown(output: Output): void {
  const known = readKnownModels()
  output.result({ type: 'known', models: known }, knownLines(known, defaultBudgetBytes(totalmem())))
}

function showOffers(repository: Repository, offers: readonly Offer[], output: Output): void {
  const budgetBytes = defaultBudgetBytes(totalmem())
  const { name, revision, licence, isGated, unsafeCount } = repository
  const record = offers.map((offer) => offerRecord(offer, budgetBytes))
  output.result(
    { type: 'offers', name, revision, licence, isGated, unsafeCount, offers: record },
    offerLines(repository, offers, budgetBytes),
  )
}

function unclear({ name, kind }: Repository, offers: readonly Offer[]): EngineError {
  const what = kind === 'model' ? 'model' : 'data file'
  const issue =
    offers.length === 0
      ? `'${name}' has no ${what} that this version reads`
      : `'${name}' has several; name one: zerotune pull ${name}:FILE`
  return requestInvalid(issue)
}
