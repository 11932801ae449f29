import { describe, expect, it } from 'vitest'
import { parseTemplate } from '../../../core/data/template.js'
import { deviceProblem } from '../../../core/schema/device-problems.js'
import { resolveRecipe, type RecipeChoices } from '../../../core/training/resolve-recipe.js'
import { errorText } from '../../../renderer/src/text/error-text.js'
import { createFormat } from '../../../renderer/src/text/format.js'
import { createText } from '../../../renderer/src/text/i18n.js'
import { reasonText } from '../../../renderer/src/text/reason-text.js'
import type { Translate } from '../../../renderer/src/text/use-text.js'
import { caughtError } from '../../support/caught-error.js'

const { global } = await createText('de')
const t: Translate = (key, values = {}) => global.t(key, values)
const format = createFormat('de')

/** What the app says of what `act` throws. */
const told = (act: () => unknown): string => errorText(caughtError(act), t, format).what

const resolved = (choices: Omit<RecipeChoices, 'seed'>) =>
  told(() => resolveRecipe({ seed: 1, ...choices }, 30))

describe('why settings do not go together, in German', () => {
  it('names recipes as the app does', () => {
    expect(resolved({ recipe: 'qzo-rows', probing: 'one-sided' })).toContain(
      '„Vorwärtsläufe, Zeilenfaktoren“ gibt jeder Zeile eine eigene Richtung',
    )
    expect(resolved({ recipe: 'exact-rows', queries: 2 })).toMatch(
      /So geht das nicht: „Exakte Gradienten, Zeilenfaktoren“ folgt exakten Gradienten; Sonden haben nur/,
    )
  })

  it('counts layers from 1, as the page does', () => {
    expect(resolved({ recipe: 'exact-rows', layers: [3, 40] })).toContain(
      'Die Schichten 4 bis 41 sollten in 1 bis 30 liegen',
    )
  })

  it('says what is wrong with a template', () => {
    expect(told(() => parseTemplate('{a} {'))).toContain(
      'In der Vorlage „{a} {“ sollte die Klammer an Stelle 5',
    )
  })
})

describe('why a device is not there, in German', () => {
  it('is our own sentence, or the driver’s as it is', () => {
    const missing = deviceProblem('driver-missing', { name: 'libcuda.so.1' })
    expect(reasonText(missing, t, format)).toBe(
      'Die Bibliothek libcuda.so.1 fehlt; sie kommt mit dem NVIDIA-Treiber',
    )
    expect(reasonText('Failed to get a WebGPU adapter', t, format)).toBe('Failed to get a WebGPU adapter')
  })
})
