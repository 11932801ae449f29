/** Colours of the current theme as charts need them: `rgb()` text, since the chart library reads no oklch. */
export interface ChartPalette {
  readonly ink: string
  readonly muted: string
  readonly line: string
  readonly surface: string
  readonly accent: string
  readonly marker: string
  readonly needle: string
  readonly good: string
  readonly bad: string
  /** For things that are compared, in order. */
  readonly series: readonly string[]
}

/** Reads the palette from the document's tokens. */
export function readPalette(): ChartPalette {
  const styles = getComputedStyle(document.documentElement)
  const rgb = rgbReader()
  const colour = (token: string) => rgb(styles.getPropertyValue(`--${token}`))
  return {
    ink: colour('ink'),
    muted: colour('muted'),
    line: colour('line'),
    surface: colour('raised'),
    accent: colour('accent'),
    marker: colour('marker-line'),
    needle: colour('needle'),
    good: colour('good'),
    bad: colour('bad'),
    series: [1, 2, 3, 4, 5, 6].map((number) => colour(`series-${number}`)),
  }
}

/** The same colour with an opacity from 0 to 1. */
export function withOpacity(rgb: string, opacity: number): string {
  return rgb.replace('rgb(', 'rgba(').replace(')', `, ${opacity})`)
}

function rgbReader(): (colour: string) => string {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 1
  const context = canvas.getContext('2d', { willReadFrequently: true })
  return (colour) => {
    if (context === null) return 'rgb(128, 128, 128)'
    context.fillStyle = colour
    context.fillRect(0, 0, 1, 1)
    const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data
    return `rgb(${red}, ${green}, ${blue})`
  }
}
