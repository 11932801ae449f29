type Fields = ReadonlyMap<string, unknown>

/**
 * The questions of an article as SQuAD's own files have it (`paragraphs`, each with a `context` and its `qas`), a row each:
 * title, context, question, answers and id. Null for anything else.
 *
 * Source: Rajpurkar et al. 2016, the files of SQuAD 1.1 and 2.0.
 */
export function flattenArticles(article: Fields): readonly Fields[] | null {
  const paragraphs = article.get('paragraphs')
  if (!Array.isArray(paragraphs) || !paragraphs.every(isParagraph)) return null
  return paragraphs.flatMap(({ context, qas }) =>
    qas.map(
      (question) =>
        new Map<string, unknown>([
          ['title', article.get('title') ?? ''],
          ['context', context],
          ...Object.entries(question),
        ]),
    ),
  )
}

interface Paragraph {
  readonly context: string
  readonly qas: readonly object[]
}

function isParagraph(value: unknown): value is Paragraph {
  if (typeof value !== 'object' || value === null) return false
  const { context, qas } = value as Partial<Record<keyof Paragraph, unknown>>
  return (
    typeof context === 'string' &&
    Array.isArray(qas) &&
    qas.every((each) => typeof each === 'object' && each !== null && !Array.isArray(each))
  )
}
