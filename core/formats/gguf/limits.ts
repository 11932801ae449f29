/**
 * What a header may claim at most. Real files stay far below (the largest vocabularies, 262,144 tokens with merges, give
 * about 20 MB and 1.3 million items), so that a damaged length cannot make the reader allocate more than about 100 MB.
 */
export const ggufLimits = {
  headerBytes: 48 * 2 ** 20,
  metadataCount: 65_536,
  tensorCount: 65_536,
  /** A key of metadata. Source: GGUF specification. */
  keyBytes: 65_535,
  /** ggml itself allows 64, builds of it up to a few hundred. */
  tensorNameBytes: 512,
  stringBytes: 8 * 2 ** 20,
  /** Items of all arrays together. */
  arrayItems: 2 ** 21,
  dimensions: 4,
  /** Values of one tensor; small enough that the sum over all tensors stays an exact number. */
  tensorElements: 2 ** 37,
  alignment: 65_536,
} as const
