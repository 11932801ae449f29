import { bytesOf } from '../../formats/bytes-of.js'
import { tableBlockHead, type TableBlocks } from '../../formats/table-blocks.js'
import { swapNibbles } from '../../model/hugging-face/packed/table-rows.js'
import { codeTable } from '../../quantization/code-tables/code-table.js'
import {
  countOutliers,
  quantizeRows,
  type TableQuantizer,
} from '../../quantization/code-tables/table-quantizer.js'
import { bfloatFormat } from '../../quantization/number-formats.js'
import {
  linearPart,
  type LinearPart,
  type LinearQuantizer,
  type QuantizedLinear,
} from './linear-quantizer.js'

/** Quantizes linears to codes of a table, in bitsandbytes' layout. */
export function toTable(quantizer: TableQuantizer): LinearQuantizer {
  return {
    blockLength: quantizer.blockLength,
    config: quantizationConfig(quantizer),
    quantize: (name, shape, read) => quantizeRows(name, shape, read, quantizer),
    partsOf: (name, shape, read) => tableParts(name, shape, quantizer, countOutliers(shape, read, quantizer)),
  }
}

/**
 * The tensors of a linear with a table, as bitsandbytes names them; see `TableLinear`.
 *
 * @param name of the weight
 * @param outlierCount how many weights are kept beside
 */
function tableParts(
  name: string,
  [rows, columns]: readonly [number, number],
  quantizer: TableQuantizer,
  outlierCount: number,
): LinearPart[] {
  const { table, blockLength, threshold } = quantizer
  const blocks = (rows * columns) / blockLength
  const state = stateOf(quantizer, [rows, columns])
  const stateName = table === 'nf4' ? 'bitsandbytes__nf4' : table
  const levels = Float32Array.from(codeTable(table, blockLength))
  return [
    linearPart(name, 'U8', [(rows * columns) / 2, 1], (tensor) => codesOf(tensor, quantizer)),
    linearPart(`${name}.absmax`, 'F32', [blocks], (tensor) => scalesOf(tensor, quantizer)),
    linearPart(`${name}.quant_map`, 'F32', [16], () => bytesOf(levels)),
    linearPart(`${name}.quant_state.${stateName}`, 'U8', [state.byteLength], () => state),
    ...(threshold === null
      ? []
      : [
          linearPart(`${name}.outlier_positions`, 'I32', [outlierCount], ({ outliers }) =>
            bytesOf(outliers?.positions ?? new Int32Array(0)),
          ),
          linearPart(`${name}.outlier_values`, 'BF16', [outlierCount], ({ outliers }) =>
            bfloats(outliers?.values ?? new Float32Array(0)),
          ),
        ]),
  ]
}

/** What bitsandbytes keeps of a weight in JSON. */
function stateOf({ table, blockLength }: TableBlocks, shape: readonly number[]): Uint8Array {
  const state = { quant_type: table, blocksize: blockLength, dtype: 'float16', shape }
  return new TextEncoder().encode(JSON.stringify(state))
}

/** What config.json says of the linears: bitsandbytes' own words for its own table. */
function quantizationConfig({ table, blockLength, threshold }: TableQuantizer): object {
  if (table !== 'nf4') {
    return { quant_method: 'bof4', quant_type: table, block_size: blockLength, outlier_threshold: threshold }
  }
  return {
    quant_method: 'bitsandbytes',
    load_in_4bit: true,
    load_in_8bit: false,
    bnb_4bit_quant_type: 'nf4',
    bnb_4bit_use_double_quant: false,
    bnb_4bit_compute_dtype: 'float16',
    bnb_4bit_quant_storage: 'uint8',
  }
}

function codesOf({ bytes }: QuantizedLinear, { blockLength }: TableBlocks): Uint8Array {
  const codeBytes = blockLength / 2
  const blockBytes = tableBlockHead + codeBytes
  const codes = new Uint8Array((bytes.byteLength / blockBytes) * codeBytes)
  for (let at = 0; at < codes.length; at++) {
    const start = Math.floor(at / codeBytes) * blockBytes + tableBlockHead
    codes[at] = swapNibbles(bytes[start + (at % codeBytes)])
  }
  return codes
}

function scalesOf({ bytes }: QuantizedLinear, { blockLength }: TableBlocks): Uint8Array {
  const blockBytes = tableBlockHead + blockLength / 2
  const scales = new Uint8Array((bytes.byteLength / blockBytes) * tableBlockHead)
  for (let at = 0; at < scales.length; at += tableBlockHead) {
    const start = (at / tableBlockHead) * blockBytes
    scales.set(bytes.subarray(start, start + tableBlockHead), at)
  }
  return scales
}

function bfloats(values: Float32Array): Uint8Array {
  const format = bfloatFormat()
  const bytes = new Uint8Array(values.length * format.byteLength)
  const view = new DataView(bytes.buffer)
  values.forEach((value, i) => format.write(view, i * format.byteLength, value))
  return bytes
}
