/** Numbers, sizes, times and dates as a language writes them. */
export interface Format {
  /** `67,349` */
  count(value: number): string
  /** `0.3520`, with exactly that many digits after the point. */
  decimal(value: number, digits: number): string
  /** `+0.3520` or `−0.3520`: a change. */
  signed(value: number, digits: number): string
  /** `0.0123`, `3e-7`: as many digits as matter, for settings. */
  plain(value: number): string
  /** `1.2M`, for numbers whose size matters and not their digits. */
  compact(value: number): string
  /** `78.7 %` of a share from 0 to 1. */
  percent(share: number, digits?: number): string
  /** `98.4 MB`: decimal units, as the command line and disk makers use. */
  bytes(value: number): string
  /** `4.2 s`, `3 min 5 s`, `2 h 10 min` */
  duration(ms: number): string
  /** `23 Nov 2026, 23:12` */
  date(value: string | number | Date): string
  /** `German`, of the code `de`. */
  language(code: string): string
  /** `a, b and c` */
  list(items: readonly string[]): string
}

const byteUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

export function createFormat(locale: string): Format {
  const number = (options: Intl.NumberFormatOptions) => {
    const formatter = new Intl.NumberFormat(locale, options)
    return (value: number) => formatter.format(value)
  }
  const unit = (name: string, digits = 0) =>
    number({
      style: 'unit',
      unit: name,
      unitDisplay: 'short',
      maximumFractionDigits: digits,
      minimumFractionDigits: digits,
    })
  const count = number({ maximumFractionDigits: 0 })
  const compact = number({ notation: 'compact', maximumSignificantDigits: 3 })
  const dates = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
  const languages = new Intl.DisplayNames(locale, { type: 'language' })
  const lists = new Intl.ListFormat(locale, { type: 'conjunction' })
  return {
    count,
    compact,
    decimal: (value, digits) =>
      number({ minimumFractionDigits: digits, maximumFractionDigits: digits })(value),
    signed: (value, digits) =>
      // A hyphen is too short beside a plus.
      number({ signDisplay: 'exceptZero', minimumFractionDigits: digits, maximumFractionDigits: digits })(
        value,
      ).replace('-', '−'),
    plain: (value) =>
      value !== 0 && Math.abs(value) < 1e-4
        ? number({ notation: 'scientific', maximumSignificantDigits: 4 })(value)
        : number({ maximumSignificantDigits: 6 })(value),
    percent: (share, digits = 1) =>
      number({ style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits })(share),
    bytes: (value) => {
      const power = value < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(value) / 3))
      const scaled = value / 1000 ** power
      return unit(byteUnits[power] ?? 'byte', power === 0 || scaled >= 100 ? 0 : 1)(scaled)
    },
    duration: (ms) => {
      if (ms < 999.5) return unit('millisecond')(ms)
      const seconds = ms / 1000
      if (seconds < 9.95) return unit('second', 1)(seconds)
      const whole = Math.round(seconds)
      if (whole < 60) return unit('second')(whole)
      if (whole < 3600) return pair(unit('minute')(Math.floor(whole / 60)), unit('second')(whole % 60))
      const minutes = Math.round(whole / 60)
      return pair(unit('hour')(Math.floor(minutes / 60)), unit('minute')(minutes % 60))
    },
    date: (value) => dates.format(new Date(value)),
    language: (code) => languages.of(code) ?? code,
    list: (items) => lists.format(items),
  }
}

function pair(large: string, small: string): string {
  return `${large} ${small}`
}
