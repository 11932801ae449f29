import { EngineError } from '../../../core/schema/engine-error.js'
import type { Download, EstimatedFit, HubRepository, HubOffer } from '../../../electron/ipc/hub.js'
import type { Answers } from './fake-host.js'
import { fixedModels } from './fixed-models.js'

const budgetBytes = 14.2e9
const fit = (neededBytes: number, verdict: EstimatedFit['verdict'] = 'fits'): EstimatedFit => ({
  neededBytes,
  budgetBytes,
  verdict,
})

const tiny: HubRepository = {
  name: 'someone/tiny-llama-GGUF',
  downloads: 48_213,
  likes: 91,
  licence: 'apache-2.0',
  isGated: false,
}
const gated: HubRepository = {
  name: 'strict/guarded-7b-GGUF',
  downloads: 912,
  likes: 4,
  licence: null,
  isGated: true,
}

const offer = (
  name: string,
  quantization: string,
  fileBytes: number,
  more: Partial<HubOffer> = {},
): HubOffer => ({
  offer: name,
  format: 'gguf',
  quantization,
  fileBytes,
  fileCount: 1,
  isReadable: true,
  isUsual: false,
  fit: fit(fileBytes + 350e6),
  here: null,
  rowsHere: null,
  ...more,
})

export const hubDownload: Download = {
  download: 'd1',
  kind: 'model',
  name: tiny.name,
  file: 'tiny-llama-Q4_K_M.gguf',
  fileCount: 1,
  state: 'running',
  done: 210e6,
  total: 668e6,
  bytesPerSecond: 11.4e6,
  remainingMs: 40_200,
  failure: null,
  model: null,
  rows: null,
}

const reviews: HubRepository = {
  name: 'someone/reviews',
  downloads: 1204,
  likes: 7,
  licence: 'mit',
  isGated: false,
}

/** The file of rows that a data set has. */
export const rowsDownload: Download = {
  ...hubDownload,
  download: 'd2',
  kind: 'dataset',
  name: reviews.name,
  file: 'data/train.parquet',
  total: 4.2e6,
  done: 1.1e6,
}

/** A hub with two repositories; one asks for a token. Downloads are what `downloads` says, and change by buttons. */
export function fixedHubAnswers(downloads: readonly Download[] = []): Answers {
  let kept = [...downloads]
  let hasToken = false
  const change = (id: string, state: Download['state']): Download => {
    kept = kept.map((each) =>
      each.download === id ? { ...each, state, bytesPerSecond: null, remainingMs: null } : each,
    )
    return kept.find((each) => each.download === id) ?? hubDownload
  }
  return {
    'hub.known': () => ({
      models: [
        {
          title: 'SmolLM2 135M Instruct',
          name: 'bartowski/SmolLM2-135M-Instruct-GGUF',
          offer: 'SmolLM2-135M-Instruct-Q4_K_M.gguf',
          aboutBytes: 105e6,
          licence: 'apache-2.0',
          wasTried: true,
          fit: fit(455e6),
        },
        {
          title: 'Phi 3.5 mini Instruct',
          name: 'bartowski/Phi-3.5-mini-instruct-GGUF',
          offer: 'Phi-3.5-mini-instruct-Q4_K_M.gguf',
          aboutBytes: null,
          licence: 'mit',
          wasTried: false,
          fit: null,
        },
      ],
    }),
    'hub.search': ({ kind, words }) => ({
      found: words.includes('nothing') ? [] : kind === 'dataset' ? [reviews] : [tiny, gated],
    }),
    'hub.files': ({ kind, name }) => {
      if (kind === 'dataset') {
        const rows = { format: 'data' as const, quantization: null, fit: null }
        return {
          repository: reviews,
          offers: [offer('data/train.parquet', '', 4.2e6, rows), offer('data/test.csv', '', 210e3, rows)],
          unsafeCount: 0,
        }
      }
      if (name === gated.name && !hasToken) {
        throw new EngineError(
          'hub-denied',
          { name, hasToken },
          `the hub does not give out '${name}': it needs a token`,
        )
      }
      return {
        repository: name === gated.name ? gated : { ...tiny, name },
        offers: [
          offer('tiny-llama-IQ1_S.gguf', 'IQ1_S', 250e6, { isReadable: false }),
          offer('tiny-llama-Q4_K_M.gguf', 'Q4_K_M', 668e6, { isUsual: true }),
          offer('tiny-llama-Q8_0.gguf', 'Q8_0', 1.17e9, { here: { ...fixedModels.smol, source: 'ollama' } }),
          offer('tiny-llama-F32-00001-of-00002.gguf', 'F32', 44e9, {
            fileCount: 2,
            fit: fit(44.4e9, 'exceeds'),
          }),
        ],
        unsafeCount: 1,
      }
    },
    'download.list': () => ({ downloads: kept }),
    'download.start': ({ kind }) => {
      const started = kind === 'dataset' ? rowsDownload : hubDownload
      kept = [...kept, started]
      return started
    },
    'download.pause': ({ download }) => change(download, 'paused'),
    'download.resume': ({ download }) => change(download, 'running'),
    'download.discard': ({ download }) => {
      kept = kept.filter((each) => each.download !== download)
      return null
    },
    'token.describe': () => ({ isSet: hasToken, place: 'memory' }),
    'token.set': ({ token }) => {
      hasToken = token !== null
      return { isSet: hasToken, place: 'memory' }
    },
  }
}
