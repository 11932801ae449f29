import type { Example } from '../core/data/example.js'
import { GradientEngine } from '../core/engine/gradient-engine.js'
import { Scorer } from '../core/engine/scorer.js'
import type { DifferentiatedParameters } from '../core/parameters/differentiated-parameters.js'
import type { GradientRecipe } from '../core/schema/recipe.js'
import { carryState } from '../core/training/carry-state.js'
import { meanLoss } from '../core/training/estimate.js'
import { createDifferentiatedParameters } from '../core/training/recipes.js'
import { recipeTemplates } from '../core/training/recipe-templates.js'
import { measureStepAlignment, type StepAlignment } from './alignment-steps.js'
import { gradientShape, type GradientShape, type NamedGradient } from './gradient-shape.js'
import { openForward } from './open-forward.js'
import { benchRows } from './peer.js'
import type { BenchTask } from './tasks.js'

/** What the true gradient is like at a state, and how well steps by forward passes agree with it. */
export interface AlignmentResult {
  readonly task: string
  /** Exact steps that led to the state. */
  readonly stepsBefore: number
  readonly loss: number
  readonly rows: GradientShape
  readonly steps: readonly StepAlignment[]
}

export interface AlignmentSettings {
  /** Examples that the true gradient is the mean of. */
  readonly examples: number
  /** Steps of each way. */
  readonly draws: number
  /** Of exact gradients between the two states. */
  readonly steps: number
  readonly seed: number
}

/** Length of an exact step, of every logarithm along its sign. */
const stepLength = 0.003
const batchSize = 16

/** Measures at the start, and after some steps by exact gradients. */
export async function* measureAlignment(
  task: BenchTask,
  { examples, draws, steps, seed }: AlignmentSettings,
  report: (line: string) => void,
): AsyncGenerator<AlignmentResult> {
  const { model, dataset, batches } = benchRows({ ...task, batchSize }, seed)
  const forward = openForward(model, dataset.objective, 0)
  const engine = new GradientEngine(forward)
  const scorer = new Scorer(forward)
  const ofAll = (name: 'exact-rows' | 'exact-scales'): GradientRecipe => ({
    ...recipeTemplates[name],
    firstLayer: 0,
    endLayer: model.description.layerCount,
  })
  const recipes = { rows: ofAll('exact-rows'), scales: ofAll('exact-scales') }
  const rows = createDifferentiatedParameters(recipes.rows, model)
  const judged = Array.from({ length: examples / batchSize }, (_, index) => batches.at(index)).flat()
  for (const stepsBefore of [0, steps]) {
    for (let step = 0; step < stepsBefore; step++) {
      await takeSignStep(engine, rows, batches.at(examples / batchSize + step))
    }
    const each: NamedGradient[] = []
    for (const example of judged) each.push((await gradientOf(engine, rows, [example])).gradient)
    const shape = gradientShape(each)
    const scales = createDifferentiatedParameters(recipes.scales, model)
    carryState({ recipe: recipes.rows, parameters: rows }, { recipe: recipes.scales, parameters: scales })
    const { gradient, loss } = await gradientOf(engine, scales, judged)
    report(`${stepsBefore} steps: loss ${loss.toFixed(3)}, signal to noise ${shape.signalToNoise.toFixed(4)}`)
    const truth = new Map([...meanOf(each), ...gradient])
    const common = { model, scorer, from: { recipe: recipes.rows, parameters: rows }, truth, draws, seed }
    const aligned: StepAlignment[] = []
    for await (const way of measureStepAlignment({ ...common, batchAt: (draw) => batches.at(draw) })) {
      report(`  ${way.name}: ${way.alignment.toExponential(2)} ± ${way.standardError.toExponential(1)}`)
      aligned.push(way)
    }
    yield { task: task.name, stepsBefore, loss, rows: shape, steps: aligned }
  }
  await engine.close()
  await forward.runner.close()
}

/** The gradient of a batch's mean loss, in copies. */
async function gradientOf(
  engine: GradientEngine,
  parameters: DifferentiatedParameters,
  batch: readonly Example[],
): Promise<{ gradient: NamedGradient; loss: number }> {
  for (const { gradient } of parameters.tensors) gradient.fill(0)
  const scores = await engine.gradients(
    batch,
    parameters.overrides(null),
    (layer) => parameters.wanted(layer),
    (layer, gradients) => parameters.accumulate(layer, gradients),
  )
  const gradient = new Map(parameters.tensors.map(({ name, gradient }) => [name, gradient.slice()]))
  return { gradient, loss: meanLoss(scores) }
}

async function takeSignStep(
  engine: GradientEngine,
  parameters: DifferentiatedParameters,
  batch: readonly Example[],
): Promise<void> {
  await gradientOf(engine, parameters, batch)
  for (const { values, gradient } of parameters.tensors) {
    for (let i = 0; i < values.length; i++) values[i] -= stepLength * Math.sign(gradient[i])
  }
  parameters.refresh()
}

function meanOf(gradients: readonly NamedGradient[]): NamedGradient {
  const mean = new Map([...gradients[0]].map(([name, values]) => [name, new Float32Array(values.length)]))
  for (const gradient of gradients) {
    for (const [name, values] of gradient) {
      const target = mean.get(name)
      if (target === undefined) continue
      for (let i = 0; i < target.length; i++) target[i] += values[i] / gradients.length
    }
  }
  return mean
}
