import type { OpenOnnx } from '../../formats/onnx/open-onnx.js'
import { bitsOf, blockLengthOf, checked, checkedFloats, floatMatrix } from './matrix-of-node.js'
import { middleOf, type StoredMatrix } from './stored-matrix.js'

/**
 * A matrix of a graph that we wrote: `STEM.weights`, or `STEM.codes` with `STEM.scales` and, where it has zero points, `STEM.offsets`.
 *
 * @throws EngineError `model-malformed`, `model-unsupported`
 */
export function ownMatrix(open: OpenOnnx, stem: string, columns: number): StoredMatrix {
  const { tensors } = open.graph
  if (tensors.has(`${stem}.weights`)) return floatMatrix(open, `${stem}.weights`, false)
  const codes = open.place(`${stem}.codes`)
  const scales = open.place(`${stem}.scales`)
  const [rows = 0, blocks = 0] = scales.shape
  const bits = bitsOf(open, (codes.byteLength * 8) / (rows * columns), stem)
  const blockLength = blockLengthOf(open, stem, columns, columns / blocks)
  checked(open, codes.name, ['U8'], (rows * columns * bits) / 8)
  const offsets = tensors.has(`${stem}.offsets`)
    ? { kind: 'offsets' as const, tensor: checkedFloats(open, `${stem}.offsets`, rows * blocks) }
    : null
  return {
    kind: 'blocks',
    rows,
    columns,
    bits,
    blockLength,
    codes,
    scales: checkedFloats(open, scales.name, rows * blocks),
    zeroPoints: offsets ?? { kind: 'same', value: middleOf({ bits }) },
    isSigned: false,
    isTransposed: false,
  }
}
