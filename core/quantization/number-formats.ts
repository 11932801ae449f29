import { fitsHalf, floatToHalf, halfToFloat } from './half-float.js'

/** How one number lies in a file, little-endian. */
export interface NumberFormat {
  readonly byteLength: number
  read(view: DataView, position: number): number
  /** Writes the nearest number of the format, ties to even. Returns false where that is not finite. */
  write(view: DataView, position: number, value: number): boolean
}

/** IEEE binary16. */
export function halfFormat(): NumberFormat {
  return {
    byteLength: 2,
    read: (view, position) => halfToFloat(view.getUint16(position, true)),
    write: (view, position, value) => {
      view.setUint16(position, floatToHalf(value), true)
      return fitsHalf(value)
    },
  }
}

/** IEEE binary32. */
export function float32Format(): NumberFormat {
  return {
    byteLength: 4,
    read: (view, position) => view.getFloat32(position, true),
    write: (view, position, value) => {
      view.setFloat32(position, value, true)
      return Number.isFinite(Math.fround(value))
    },
  }
}

/** bfloat16: the upper half of a binary32. */
export function bfloatFormat(): NumberFormat {
  const scratch = new DataView(new ArrayBuffer(4))
  return {
    byteLength: 2,
    read: (view, position) => {
      scratch.setUint32(0, view.getUint16(position, true) << 16)
      return scratch.getFloat32(0)
    },
    write: (view, position, value) => {
      scratch.setFloat32(0, value)
      const bits = scratch.getUint32(0)
      // Half of the lower half's range, less one where the upper half is even.
      const rounded = (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16
      view.setUint16(position, rounded, true)
      return (rounded & 0x7f80) !== 0x7f80
    },
  }
}
