/** Layers first … end − 1 are trained. */
export interface TrainedLayers {
  readonly firstLayer: number
  readonly endLayer: number
}
