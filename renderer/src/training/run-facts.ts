import type { RunSettings } from '../../../electron/ipc/choices.js'
import type { Format } from '../text/format.js'
import type { Translate } from '../text/use-text.js'

/** A setting as people read it: layers counted from 1, words for choices. */
export function settingText(
  name: string,
  value: string | number | boolean | null,
  t: Translate,
  format: Format,
): string {
  if (value === null) return t('progress.none')
  if (typeof value === 'boolean') return value ? t('common.yes') : t('common.no')
  if (typeof value === 'number') {
    return format.plain(name === 'firstLayer' || name === 'lastLayer' ? value + 1 : value)
  }
  switch (name) {
    case 'recipe':
    case 'startRecipe':
      return t(`training.recipe.names.${value as Named<'recipe'>}`)
    case 'features':
      return t(`training.advanced.features.${value as Named<'features'>}`)
    case 'precision':
      return t(`training.advanced.precision.${value as Named<'precision'>}`)
    case 'keptStates':
      return t(`training.advanced.keptStates.${value as Named<'keptStates'>}`)
    case 'optimizer':
      return t(`training.advanced.optimizer.${value as Named<'optimizer'>}`)
    case 'optimizerStates':
      return t(`training.advanced.optimizerStates.${value as Named<'optimizerStates'>}`)
    case 'schedule':
      return t(`training.advanced.schedule.${value as Named<'schedule'>}`)
    case 'probing':
      return t(`training.advanced.probing.${value as Named<'probing'>}`)
    case 'directions':
      return t(`training.advanced.directions.${value as Named<'directions'>}`)
    case 'stepRule':
      return t(`training.advanced.stepRule.${value as Named<'stepRule'>}`)
    case 'moments':
      return t(`training.advanced.moments.${value as Named<'moments'>}`)
    case 'spectral':
      return t(`training.advanced.spectral.${value as Named<'spectral'>}`)
    case 'score':
      return t(`training.advanced.score.${value as Named<'score'>}`)
    default:
      return value
  }
}

type Named<Name extends keyof RunSettings> = NonNullable<RunSettings[Name]>

/** Settings that only some recipes and runs have: the others do not list them. */
const special: ReadonlySet<keyof RunSettings> = new Set([
  'rank',
  'alpha',
  'hasZeroPoints',
  'bits',
  'trainsGrid',
  'softRounding',
  'tokenShare',
  'linears',
  'isRankStabilized',
  'promptTokens',
  'optimizer',
  'optimizerStates',
  'rowShare',
  'schedule',
  'warmUpShare',
  'weightDecay',
  'clipNorm',
  'keptStates',
  'probing',
  'queries',
  'directions',
  'layerShare',
  'stepRule',
  'moments',
  'spectral',
  'magnitudeEvery',
  'score',
  'startRecipe',
  'startStep',
  'keepText',
  'keepWeight',
])

/** Every setting of a run, by name and value. */
export function settingFacts(
  settings: RunSettings,
  t: Translate,
  format: Format,
): readonly { readonly name: string; readonly value: string }[] {
  const has = (name: keyof RunSettings): boolean => !special.has(name) || settings[name] !== null
  return (Object.keys(settings) as (keyof RunSettings)[]).filter(has).map((name) => ({
    name: t(`progress.setting.${name}`),
    value: settingText(name, settings[name], t, format),
  }))
}
