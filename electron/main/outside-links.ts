/** Pages that the app may open in the person's browser. */
const allowedHosts: ReadonlySet<string> = new Set([
  'github.com',
  'huggingface.co',
  'ollama.com',
  'lmstudio.ai',
])

/** The address to open outside, or null: only https, only known hosts, no name or password in it. */
export function outsideLink(address: string, isOffline: boolean): string | null {
  if (isOffline || !URL.canParse(address)) return null
  const { protocol, hostname, port, username, password, href } = new URL(address)
  const isPlain = protocol === 'https:' && port === '' && username === '' && password === ''
  return isPlain && allowedHosts.has(hostname) ? href : null
}
