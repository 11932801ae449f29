/**
 * Text without the person's folder and what lies in it: paths keep their last part's extension only, quoted values, which
 * may be rows of data, go.
 */
export function withoutPrivate(text: string, homeFolder: string): string {
  const folders = [homeFolder, homeFolder.replaceAll('\\', '/')].filter((folder) => folder.length > 1)
  const withoutHome = folders.reduce((shown, folder) => shown.replaceAll(folder, '~'), text)
  return withoutHome
    .replaceAll(/(?:~|\b[A-Za-z]:|(?<![\w.~]))(?:[\\/][^\s\\/'":;,]+)+/g, (path) => {
      const extension = /\.\w{1,8}$/.exec(path)?.[0] ?? ''
      return `<path>${extension}`
    })
    .replaceAll(/found (?:"[^"\n]*"|'[^'\n]*')/g, 'found <value>')
}

/** A message without the values that it quotes: they may be a person's rows. A quote that was cut off ends with the message. */
export function withoutValues(message: string): string {
  return message.replace(/"(?:[^"\\]|\\.)*(?:"|$)/g, '"…"')
}
