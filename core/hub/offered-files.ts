import type { Repository } from './hub-api.js'
import { totalBytes, type RemoteFile } from './remote-file.js'

/** Something of a repository that can be fetched and used as one: a file, the parts of a split one, or a folder's model. */
export interface Offer {
  readonly format: 'gguf' | 'safetensors' | 'data'
  /** The file's name, of a split one its first; `safetensors` for the folder's model. */
  readonly name: string
  readonly files: readonly RemoteFile[]
  readonly byteLength: number
  /** Such as `Q4_K_M`, read from the name; null where the name does not say. */
  readonly quantization: string | null
  /** Whether this version reads weights of that kind; true where the name does not say. */
  readonly isReadable: boolean
}

/** How a person names the folder's model. */
export const folderOffer = 'safetensors'

const quantizationInName =
  /(?:^|[._-])((?:UD-)?(?:IQ[1-4]_(?:XXS|XS|NL|[SML])|I?Q[2-8]_K(?:_(?:XXL|XL|[SML]))?|Q[458]_[01]|TQ[12]_0|MXFP4|BF16|F16|FP16|F32|FP32))(?=[._-]|$)/i
/** Types of which a file so named is made that this version reads; mixtures hold some of these. */
const readable =
  /^(?:UD-)?(?:IQ4_(?:NL|XS)|Q[2-6]_K(?:_(?:XXL|XL|[SML]))?|Q[45]_[01]|Q8_0|Q8_K(?:_XL)?|BF16|F(?:P)?16|F(?:P)?32)$/i

/** What a repository offers, the smallest first. */
export function offersOf({ kind, files }: Pick<Repository, 'kind' | 'files'>): readonly Offer[] {
  const offers = kind === 'model' ? [...ggufOffers(files), ...folderOffers(files)] : dataOffers(files)
  return offers.toSorted((left, right) => left.byteLength - right.byteLength)
}

const splitName = /-(\d{5})-of-(\d{5})\.gguf$/i
/** Parts of models that see or hear, and what quantizing was guided by: no models of their own. */
const noModel = /(?:^|\/)(?:mmproj|imatrix)|imatrix\.gguf$/i

function ggufOffers(files: readonly RemoteFile[]): Offer[] {
  const ggufs = files.filter(({ path }) => /\.gguf$/i.test(path) && !noModel.test(path))
  return ggufs.flatMap((file) => {
    const split = splitName.exec(file.path)
    if (split === null) return [ggufOffer([file])]
    if (Number(split[1]) !== 1) return []
    const stem = file.path.slice(0, split.index)
    const parts = ggufs.filter(
      ({ path }) => path.startsWith(stem) && splitName.exec(path)?.index === stem.length,
    )
    return parts.length === Number(split[2]) ? [ggufOffer(parts)] : []
  })
}

function ggufOffer(files: readonly RemoteFile[]): Offer {
  const [{ path: name }] = files
  const quantization = quantizationInName.exec(name.replace(/\.gguf$/i, ''))?.[1].toUpperCase() ?? null
  const isReadable = quantization === null || readable.test(quantization)
  return { format: 'gguf', name, files, byteLength: totalBytes(files), quantization, isReadable }
}

/** What a folder of safetensors needs to be opened, in the forms that this program reads. */
const folderFile =
  /^(?:config|generation_config|tokenizer|tokenizer_config|special_tokens_map|quantize_config|quant_config)\.json$|^chat_template\.jinja$|^model(?:-\d{5}-of-\d{5})?\.safetensors$|^model\.safetensors\.index\.json$/

function folderOffers(all: readonly RemoteFile[]): Offer[] {
  const files = all.filter(({ path }) => folderFile.test(path))
  const has = (name: RegExp): boolean => files.some(({ path }) => name.test(path))
  if (!has(/^config\.json$/) || !has(/^tokenizer\.json$/) || !has(/\.safetensors$/)) return []
  return [
    {
      format: 'safetensors',
      name: folderOffer,
      files,
      byteLength: totalBytes(files),
      quantization: null,
      isReadable: true,
    },
  ]
}

function dataOffers(files: readonly RemoteFile[]): Offer[] {
  return files
    .filter(({ path }) => /\.(?:parquet|csv|tsv|jsonl|ndjson|json|txt)(?:\.(?:gz|zst))?$/i.test(path))
    .filter(({ path }) => !/(?:^|\/)dataset_infos?\.json$/i.test(path))
    .map((file) => ({
      format: 'data' as const,
      name: file.path,
      files: [file],
      byteLength: file.byteLength,
      quantization: null,
      isReadable: true,
    }))
}

/** Four bits, the likeliest first; what most programs take where a person names none. */
const usual = ['Q4_K_M', 'Q4_K_S', 'Q4_0', 'Q4_1', 'IQ4_NL', 'IQ4_XS']

/** What a person means who names none: the one that is there, or the one of the usual 4-bit kind; null where it is not clear. */
export function obviousOffer(offers: readonly Offer[]): Offer | null {
  if (offers.length === 1) return offers[0].isReadable ? offers[0] : null
  for (const kind of usual) {
    const found = offers.filter(({ quantization }) => quantization === kind)
    if (found.length > 0) return found.length === 1 ? found[0] : null
  }
  return null
}

/** The offer that a person names: by its file, or by its quantization where one has it. Null where none or several do. */
export function namedOffer(offers: readonly Offer[], name: string): Offer | null {
  const isName = (offer: Offer): boolean =>
    offer.files.some(({ path }) => path === name) && offer.format !== 'safetensors'
  const exact = offers.find((offer) => offer.name === name || isName(offer))
  if (exact !== undefined) return exact
  const wanted = name.toLowerCase()
  const found = offers.filter(
    (offer) => offer.quantization?.toLowerCase() === wanted || offer.name.toLowerCase() === wanted,
  )
  return found.length === 1 ? found[0] : null
}
