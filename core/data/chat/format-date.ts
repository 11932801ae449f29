const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** Formats a date as C's strftime does in English and UTC, for the fields that chat templates use; others stay. */
export function formatDate(date: Date, format: string): string {
  const twoDigits = (value: number): string => String(value).padStart(2, '0')
  const fields: Record<string, string> = {
    '%Y': String(date.getUTCFullYear()),
    '%y': twoDigits(date.getUTCFullYear() % 100),
    '%m': twoDigits(date.getUTCMonth() + 1),
    '%B': months[date.getUTCMonth()],
    '%b': months[date.getUTCMonth()].slice(0, 3),
    '%d': twoDigits(date.getUTCDate()),
    '%A': days[date.getUTCDay()],
    '%a': days[date.getUTCDay()].slice(0, 3),
    '%H': twoDigits(date.getUTCHours()),
    '%M': twoDigits(date.getUTCMinutes()),
    '%S': twoDigits(date.getUTCSeconds()),
    '%%': '%',
  }
  return format.replace(/%[A-Za-z%]/g, (field) => fields[field] ?? field)
}
