import type { Command } from 'commander'
import { defaultSteps, recipeTemplates } from '../training/recipe-templates.js'
import { recipeWords } from './describe-recipe.js'
import { Output, type OutputOptions } from './output.js'
import { withOutputOptions } from './shared-options.js'

/** `zerotune recipes`. */
export function addRecipesCommand(program: Command): void {
  const command = program
    .command('recipes')
    .description('say what each recipe moves, how, and where it comes from')
  withOutputOptions(command).action((options: OutputOptions) => {
    const recipes = Object.values(recipeTemplates).map((template) => ({
      words: recipeWords(template),
      steps: defaultSteps[template.estimator],
      template,
    }))
    new Output(options).result(
      { recipes: recipes.map(({ template, words, steps }) => ({ ...template, steps, words })) },
      [
        ...recipes.flatMap(({ template: { name }, words, steps }) => [
          name,
          `  moves   ${words.moves}`,
          `  slope   ${words.slope}`,
          `  step    ${words.step}; ${steps} steps unless told`,
          `  source  ${words.source}`,
          '',
        ]),
        'auto (the default) takes exact-rows where the memory budget allows, and qzo-rows where it does not.',
        'Parts of recipes by forward passes can be exchanged: --probing, --queries, --directions,',
        '--layer-share, --step-rule, --moments, --spectral, --magnitude-every, --schedule, --learning-rate and',
        '--perturbation of zerotune train.',
      ],
    )
  })
}
