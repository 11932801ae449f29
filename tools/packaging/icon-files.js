/** Images in the containers that systems want. Each holds PNG files as they are. */

/** @typedef {{ readonly size: number, readonly png: Buffer }} Icon square, `size` pixels wide */

const icoEntryBytes = 16

/**
 * A Windows icon: six bytes, an entry of 16 for each image, the images. A width of 256 is written as 0.
 *
 * @param {readonly Icon[]} icons of at most 256 pixels
 */
export function icoFile(icons) {
  const head = Buffer.alloc(6 + icoEntryBytes * icons.length)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(icons.length, 4)
  let offset = head.length
  icons.forEach(({ size, png }, index) => {
    const at = 6 + icoEntryBytes * index
    head.writeUInt8(size % 256, at)
    head.writeUInt8(size % 256, at + 1)
    head.writeUInt16LE(1, at + 4)
    head.writeUInt16LE(32, at + 6)
    head.writeUInt32LE(png.length, at + 8)
    head.writeUInt32LE(offset, at + 12)
    offset += png.length
  })
  return Buffer.concat([head, ...icons.map(({ png }) => png)])
}

/** What macOS calls images of a width; those for dense screens have names of their own. */
const icnsTypes = {
  16: ['icp4'],
  32: ['icp5', 'ic11'],
  64: ['ic12'],
  128: ['ic07'],
  256: ['ic08', 'ic13'],
  512: ['ic09', 'ic14'],
  1024: ['ic10'],
}

/**
 * A macOS icon: name and length of the whole, then name, length and bytes of each image.
 *
 * @param {readonly Icon[]} icons of the widths that macOS knows
 */
export function icnsFile(icons) {
  const parts = icons.flatMap(({ size, png }) =>
    icnsTypes[size].map((type) => Buffer.concat([icnsHead(type, 8 + png.length), png])),
  )
  const bytes = parts.reduce((sum, part) => sum + part.length, 8)
  return Buffer.concat([icnsHead('icns', bytes), ...parts])
}

/** @param {string} type @param {number} bytes */
function icnsHead(type, bytes) {
  const head = Buffer.alloc(8)
  head.write(type, 'latin1')
  head.writeUInt32BE(bytes, 4)
  return head
}
