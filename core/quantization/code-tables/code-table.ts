import type { CodeTableName } from '../../schema/code-table.js'

/** Of any block length. Source: bitsandbytes, its table `nf4`; QLoRA, arXiv:2305.14314, appendix E. */
const nf4 = Float32Array.of(
  ...[-1, -0.696192801, -0.5250730515, -0.3949174881, -0.2844413817, -0.1847734302, -0.0910500363, 0],
  ...[0.0795802996, 0.1609302014, 0.2461123019, 0.3379152417, 0.4407098293, 0.5626170039, 0.7229568362, 1],
)

/** By block length. */
const bof4: ReadonlyMap<number, Float32Array> = new Map([
  [
    16,
    Float32Array.of(
      ...[-1, -0.786958661, -0.616776062, -0.471827538, -0.342694479, -0.22356336, -0.110386515, 0],
      ...[0.096496972, 0.194849342, 0.297099209, 0.405712408, 0.523942291, 0.656476178, 0.810746467, 1],
    ),
  ],
  [
    32,
    Float32Array.of(
      ...[-1, -0.77115117, -0.598521234, -0.455461422, -0.329822342, -0.214803027, -0.105969078, 0],
      ...[0.092624636, 0.187152006, 0.28571072, 0.390957064, 0.506569735, 0.638223233, 0.795837391, 1],
    ),
  ],
  [
    64,
    Float32Array.of(
      ...[-1, -0.753567847, -0.579266849, -0.438670802, -0.31681817, -0.206028548, -0.101563815, 0],
      ...[0.088763704, 0.1794516, 0.274247121, 0.375947761, 0.488588976, 0.618768288, 0.779080478, 1],
    ),
  ],
  [
    128,
    Float32Array.of(
      ...[-1, -0.734719566, -0.559682003, -0.422022115, -0.304099009, -0.197510436, -0.097303343, 0],
      ...[0.085030496, 0.171985003, 0.263071435, 0.361179759, 0.470618917, 0.598782755, 0.760923406, 1],
    ),
  ],
])
/** Of BOF4-S. */
const bof4Signed: ReadonlyMap<number, Float32Array> = new Map([
  [
    16,
    Float32Array.of(
      ...[-0.886741197, -0.71029375, -0.562863506, -0.433729051, -0.316557957, -0.207159596, -0.10246692, 0],
      ...[0.096496972, 0.194849342, 0.297099209, 0.405712408, 0.523942291, 0.656476178, 0.810746467, 1],
    ),
  ],
  [
    32,
    Float32Array.of(
      ...[-0.873294869, -0.690761113, -0.543712467, -0.4173562, -0.303913424, -0.198620692, -0.098175158, 0],
      ...[0.092624636, 0.187152006, 0.28571072, 0.390957064, 0.506569735, 0.638223233, 0.795837391, 1],
    ),
  ],
  [
    64,
    Float32Array.of(
      ...[
        -0.856820408, -0.669168627, -0.523457745, -0.400447738, -0.291033227, -0.189990852, -0.093855315, 0,
      ],
      ...[0.088763704, 0.1794516, 0.274247121, 0.375947761, 0.488588976, 0.618768288, 0.779080478, 1],
    ),
  ],
  [
    128,
    Float32Array.of(
      ...[
        -0.837262141, -0.646126934, -0.502743592, -0.383531174, -0.278304798, -0.181522196, -0.089631381, 0,
      ],
      ...[0.085030496, 0.171985003, 0.263071435, 0.361179759, 0.470618917, 0.598782755, 0.760923406, 1],
    ),
  ],
])

/**
 * The 16 values that a 4-bit code stands for before its block's scale, ascending; 0 and 1 are among them.
 *
 * `nf4` are quantiles of normal weights. `bof4` are the values that lose least, in mean squared error of the weights, of normal
 * weights in blocks of this length; so are `bof4-s`, which have one level more below 1, since the furthest value of a block is
 * always 1 there.
 *
 * Source: BOF4, arXiv:2505.06653, its tables 6 to 8; ours are computed by integrals where the paper draws samples, and differ by up
 * to 3e-4.
 *
 * @throws TypeError for a block length that has no table
 */
export function codeTable(table: CodeTableName, blockLength: number): Float32Array {
  if (table === 'nf4') return nf4
  const found = (table === 'bof4' ? bof4 : bof4Signed).get(blockLength)
  if (found === undefined) throw new TypeError(`no table '${table}' for blocks of ${blockLength}`)
  return found
}
