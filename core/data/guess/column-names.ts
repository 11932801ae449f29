/** What columns of public data sets are called, by what they are for; in each list the surest name first. */

/** Over a prompt: what the model should be. */
export const systemNames = ['system', 'system_prompt', 'system_message', 'definition'] as const

/** What is asked. */
export const questionNames = [
  'instruction',
  'instructions',
  'question',
  'query',
  'problem',
  'prompt',
  'user_prompt',
  'input_text',
  'question_stem',
  'questions',
  'input',
  'inputs',
  'human',
  'user',
] as const

/** What a question is about, or an instruction is applied to. */
export const contextNames = [
  'context',
  'passage',
  'support',
  'paragraph',
  'story',
  'input',
  'inputs',
] as const

/** Texts of which another column is the short or the other form. */
export const sourceNames = [
  'article',
  'document',
  'dialogue',
  'dialog',
  'source',
  'src',
  'source_text',
  'original',
  'english',
  'selftext',
  'body',
  'text',
  'content',
] as const

/** What should be written. */
export const answerNames = [
  'output',
  'outputs',
  'response',
  'answer',
  'completion',
  'answers',
  'correct_answer',
  'best_answer',
  'final_answer',
  'short_answer',
  'ideal',
  'reply',
  'assistant',
  'solution',
  'canonical_solution',
  'summary',
  'highlights',
  'abstract',
  'translation',
  'target',
  'targets',
  'target_text',
  'output_text',
  'tgt',
  'paraphrase',
  'simplified',
  'headline',
] as const

/** What should be written where something is asked; alone, it is a text of its own. */
export const askedAnswerNames = ['code', 'sql', 'cypher', 'formula', 'explanation', 'rationale'] as const

/** Running text. */
export const textNames = [
  'text',
  'content',
  'raw_content',
  'body',
  'document',
  'article',
  'code',
  'story',
] as const

/** Of conversations, the column to train on before others. */
export const messagesNames = [
  'messages',
  'conversations',
  'conversation',
  'chat',
  'dialogue',
  'dialog',
] as const

/** Pairs of texts that one label is about. */
export const textPairs = [
  ['premise', 'hypothesis'],
  ['sentence1', 'sentence2'],
  ['question1', 'question2'],
  ['text1', 'text2'],
  ['passage', 'question'],
  ['context', 'question'],
  ['question', 'sentence'],
  ['title', 'content'],
  ['title', 'text'],
  ['title', 'description'],
  ['title', 'body'],
  ['subject', 'body'],
  ['subject', 'message'],
  ['claim', 'evidence'],
  ['query', 'passage'],
  ['target', 'tweet'],
] as const

const labelWord =
  /^(gold_|coarse_|fine_|true_|class_|y_)?(label|labels|class|category|target|intent|sentiment|topic|kind|emotion|polarity|stance|relation|entailment|verdict|spam|toxic|toxicity|rating|stars|star_rating|y|folder|department|priority|queue|class_index|classification|label_text|class_name|category_name|label_name|is_[a-z_]+)$/
const labelEnd = /_(label|class|category|sentiment|intent|topic|type)$/
const aside =
  /^(id|idx|index|uid|uuid|guid|hash|url|link|uri|date|datetime|time|timestamp|created|created_at|updated_at|author|user|user_id|username|user_name|split|subset|set|source|origin|dataset|domain|lang|language|license|path|file|filename|file_path|file_name|repo|repo_name|dump|meta|metadata|model|model_name|version|page|row|number|n|count|tokens?|token_count|num_tokens|length|score|language_score|size|turn|redacted|annotator|worker_id|unnamed_0)$/
const asideEnd = /_(id|ids|idx|url|date|time|hash|score|path|count|source|length|tokens|model|language|lang)$/

/** A name in one spelling: small letters and single underscores. */
export function plainName(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '')
}

/** True for what people call a column of labels. */
export function isLabelName(name: string): boolean {
  const plain = plainName(name)
  return labelWord.test(plain) || labelEnd.test(plain)
}

/** True for what a data set says about its rows rather than in them. */
export function isAsideName(name: string): boolean {
  const plain = plainName(name)
  return aside.test(plain) || asideEnd.test(plain)
}
