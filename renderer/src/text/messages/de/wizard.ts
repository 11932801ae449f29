import type { Messages } from '../en/index.js'

export const wizard: Messages['wizard'] = {
  next: 'Weiter zu {step}',
}
