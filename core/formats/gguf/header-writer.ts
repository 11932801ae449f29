/** Appends little-endian values to a growing buffer; the counterpart of `HeaderReader`. */
export class HeaderWriter {
  private buffer = Buffer.alloc(64 * 1024)
  private length = 0

  /** A copy of what was written. */
  bytes(): Uint8Array {
    return Uint8Array.from(this.buffer.subarray(0, this.length))
  }

  uint8(value: number): void {
    const start = this.grow(1)
    this.buffer.writeUInt8(value, start)
  }

  int8(value: number): void {
    const start = this.grow(1)
    this.buffer.writeInt8(value, start)
  }

  uint16(value: number): void {
    const start = this.grow(2)
    this.buffer.writeUInt16LE(value, start)
  }

  int16(value: number): void {
    const start = this.grow(2)
    this.buffer.writeInt16LE(value, start)
  }

  uint32(value: number): void {
    const start = this.grow(4)
    this.buffer.writeUInt32LE(value, start)
  }

  int32(value: number): void {
    const start = this.grow(4)
    this.buffer.writeInt32LE(value, start)
  }

  float32(value: number): void {
    const start = this.grow(4)
    this.buffer.writeFloatLE(value, start)
  }

  float64(value: number): void {
    const start = this.grow(8)
    this.buffer.writeDoubleLE(value, start)
  }

  uint64(value: bigint): void {
    const start = this.grow(8)
    this.buffer.writeBigUInt64LE(value, start)
  }

  int64(value: bigint): void {
    const start = this.grow(8)
    this.buffer.writeBigInt64LE(value, start)
  }

  bool(value: boolean): void {
    this.uint8(value ? 1 : 0)
  }

  /** UTF-8 with its length in bytes before it. */
  string(value: string): void {
    const byteLength = Buffer.byteLength(value)
    this.uint64(BigInt(byteLength))
    const start = this.grow(byteLength)
    this.buffer.write(value, start)
  }

  /** Zeros up to the next multiple of `alignment`. */
  align(alignment: number): void {
    this.grow((alignment - (this.length % alignment)) % alignment)
  }

  /** Makes room for `byteLength` bytes of zeros and returns where they start. */
  private grow(byteLength: number): number {
    const start = this.length
    this.length += byteLength
    if (this.length > this.buffer.byteLength) {
      const larger = Buffer.alloc(Math.max(this.length, 2 * this.buffer.byteLength))
      this.buffer.copy(larger)
      this.buffer = larger
    }
    return start
  }
}
