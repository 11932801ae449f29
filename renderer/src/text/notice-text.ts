import { readNotice, type NoticeCode } from '../../../core/schema/notices.js'
import type { Translate } from './use-text.js'

/** A sentence for every notice of the engine: a new one does not compile until each language has it. */
export type NoticeSentences = Readonly<Record<NoticeCode, string>>

/** A notice of the engine in the person's language; as it is where it is of another program version. */
export function noticeText(text: string, t: Translate): string {
  const found = readNotice(text)
  return found === null ? text : t(`notices.${found.code}`, found.values)
}
