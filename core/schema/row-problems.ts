import { sentences } from './sentences.js'

/**
 * What can be wrong with a row: what was expected, and what was found. The longer sentences come first, because a text is the first
 * that it fits. Those at the end are what others have in their places `found` and `reason`.
 */
const texts = {
  'row-empty': 'the row is empty',
  'prompt-empty': 'the prompt is empty',
  'answer-missing': 'expected an answer, found none',
  'chosen-missing': 'expected a chosen answer, found none',
  'rejected-missing': 'expected a rejected answer, found none',
  'answers-equal': 'expected two different answers, found the same twice',
  'text-short': 'expected text of two tokens or more',
  'assistant-silent': 'expected a message of the assistant, found none',
  'label-unknown': 'expected one of the labels of the task or of the training file ({list}), found {found}',
  'text-file-expected': 'expected a text file, found {found}',
  'field-missing': 'expected text, found no such field',
  'text-expected': 'expected text, found {found}',
  'messages-expected': 'expected a list of messages, found {found}',
  'message-odd': 'expected messages like {"role": "user", "content": "text"}, found {found}',
  'tokens-many': "expected at most {total} tokens (the model's context), found {count}",
  'fields-differ': 'expected {total} fields as in the header, found {count}',
  'quote-open': 'expected a quoted field to end, found a quote that is never closed',
  'quote-inside':
    "expected '{delimiter}' or the end of the line after a closing quote, found '{found}' at character {at}",
  'line-long': 'expected a line of at most {total} bytes, found {count}',
  'encoding-other': 'expected {encoding} text, found other bytes; save the file as UTF-8',
  'object-large': 'expected an object of at most {total} bytes, found {count}',
  'object-open': 'expected the object to end, found the end of the file',
  'lists-deep': 'expected lists and objects of at most {total} levels, found deeper ones',
  'line-broken': 'expected one JSON object a line, found {found} ({reason})',
  'line-odd': 'expected one JSON object a line, found {found}',
  'element-broken': 'expected a list of objects, found {found} ({reason})',
  'element-odd': 'expected a list of objects, found {found}',
  'object-broken': 'expected one JSON object, found {found} ({reason})',
  'object-odd': 'expected one JSON object, found {found}',
  'second-line': 'expected one row, found a second line',
  'row-without-text': 'rows of this kind of file have no text of their own',
  'file-empty': '{file}: expected a text, found an empty file',
  'tensor-missing': "{file}: expected the tensors {list}, found no '{name}'",
  'tensor-other': "{file}: expected tensor '{name}' as {expected}, found {found}",
  'tensor-infinite': "{file}: expected finite numbers in tensor '{name}', found {value} at index {at}",
  'tensors-large': '{file}: expected tensors of at most {total} bytes, found {count}',
  'tensors-broken': '{file}: expected a safetensors file ({reason})',
  'groups-large':
    'expected row groups of at most {total} bytes, found {count}; write the file with smaller ones',
  'parquet-damaged': 'expected readable Parquet data, found a problem ({reason})',
  'chat-template-fails': 'the chat template {reason}',
  'row-template-fails': "template '{template}' {reason}",
  'file-zip': 'a ZIP archive or an Excel workbook; unpack it, or save the sheet as CSV',
  'file-office': 'an old Excel or Word file; save the sheet as CSV',
  'file-pdf': 'a PDF file; copy its text into a text file',
  'file-gguf': 'a model (GGUF)',
  'file-sqlite': 'an SQLite database; save the table as CSV',
  'file-arrow': 'an Arrow file; save it as Parquet',
  'file-7z': 'a 7-Zip archive; unpack it',
  'file-bzip2': 'a bzip2 file; unpack it',
  'file-xz': 'an xz file; unpack it',
  'file-picture': 'a picture',
  'file-numpy': 'a NumPy array',
  'file-tar': 'a tar archive; unpack it',
  'file-other': 'bytes that are no text',
  'found-nothing': 'nothing',
  'found-object': 'an object',
  'found-list': 'a list',
  'found-empty-list': 'an empty list',
  'template-failure': 'fails: {found}',
  'template-output': 'gives {count} characters, more than the limit of {total}',
  'template-long': 'is {count} characters long, more than the limit of {total}',
  'template-missing': 'is missing from the model file',
  'template-marks': 'has no unused character left to mark messages with',
  'template-changes': 'changes message {count} so that its tokens cannot be told from the others',
  'json-cut-off': 'it ends too early',
  'json-none': 'no JSON',
  'json-none-at': 'no JSON at character {at}',
  'json-unexpected-at': "unexpected '{token}' at character {at}",
  'json-unexpected': "unexpected '{token}'",
} as const

export type RowProblemCode = keyof typeof texts
const places: ReadonlySet<string> = new Set(['total', 'count', 'at'])
const table = sentences<RowProblemCode>(texts, places)

export const rowProblemTexts = table.texts
/** What is wrong with a row, in English. */
export const rowProblem = table.say
/** Which problem a sentence is, or which part of one; null where it is none, such as what a template itself says. */
export const readRowProblem = table.read
