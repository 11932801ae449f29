import type { Page } from 'playwright-core'

/** Most presses of Tab before a control counts as out of reach. */
const mostPresses = 80

/** Moves the focus with Tab alone until it is on the control with this accessible name. */
export async function pressTo(page: Page, name: RegExp): Promise<void> {
  const passed: string[] = []
  for (let press = 0; press < mostPresses; press++) {
    await page.keyboard.press('Tab')
    const label = await page.evaluate(() => {
      const element = document.activeElement
      if (!(element instanceof HTMLElement)) return ''
      const labels = 'labels' in element ? [...((element as HTMLInputElement).labels ?? [])] : []
      // A panel is not named by all that is in it.
      const isPanel = element.getAttribute('role') === 'tabpanel'
      return [
        element.getAttribute('aria-label'),
        ...labels.map((label) => label.innerText),
        isPanel ? '' : element.innerText,
      ]
        .filter((text) => text !== null && text !== '')
        .join(' | ')
    })
    if (name.test(label)) return
    passed.push(label)
  }
  throw new Error(`Tab never reached ${String(name)}; it passed ${passed.join(', ')}`)
}
