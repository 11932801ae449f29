import { requestIssue } from '../schema/request-issues.js'

/** A part of a path that every system takes for a plain name. */
const plainPart = /^[^\\/:*?"<>|\p{Cc}\p{Cf}]{1,200}$/u
/** Names that open a device in any folder of Windows. */
const deviceName = /^(?:con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])(?:\.|$)/i
const mostParts = 8

/**
 * Whether a file's name at a hub, with `/` between folders, stays in the folder that it is put in, on every system. Whoever made
 * the repository chose it.
 */
export function isSafeName(name: string): boolean {
  const parts = name.split('/')
  return parts.length <= mostParts && parts.every(isSafePart)
}

/** Dots and spaces at the end are dropped by Windows, so two names could be one file; `.` and `..` are among them. */
function isSafePart(part: string): boolean {
  return plainPart.test(part) && !/[. ]$|^[ .]/.test(part) && !deviceName.test(part)
}

/** Whether a text is `OWNER/NAME` and nothing more. */
export function isRepositoryName(text: string): boolean {
  return /^[\w.-]{1,96}\/[\w.-]{1,96}$/.test(text) && isSafeName(text)
}

/** Which repository, and which of its files where one was named. */
export interface RepositoryName {
  /** `OWNER/NAME` */
  readonly name: string
  readonly file: string | null
}

/**
 * Reads `OWNER/NAME`, `OWNER/NAME:FILE`, or the address of a repository's page.
 *
 * @throws EngineError 'request-invalid'
 */
export function readRepositoryName(text: string): RepositoryName {
  const plain = text.trim().replace(/^(?:https:\/\/huggingface\.co\/(?:datasets\/)?|hf\.co\/|hf:\/\/)/, '')
  const match = /^([\w.-]{1,96}\/[\w.-]{1,96})(?::(.+)|\/(?:tree\/main\/?)?)?$/.exec(plain)
  const name = match?.[1] ?? ''
  if (isSafeName(name)) return { name, file: match?.[2] ?? null }
  throw requestIssue('repository-name', { found: text })
}
