import type { NoticeSentences } from '../../notice-text.js'

export const notices: NoticeSentences = {
  'header-missing': 'The first row was taken for data, not for a header; its columns are called {list}.',
  'header-repeated': 'The header has “{name}” more than once; column {column} is called “{own}”.',
  'column-renamed': '{file} has no column “{name}”; “{own}” is used in its place.',
  'not-utf-8': '{file} is not UTF-8; it was read as Windows-1252 (Latin-1).',
  'rows-set-aside': 'There is no file of held-out rows: {count} rows of {file} are set aside for scoring.',
  'rows-untouched': '{count} rows are set aside that the run never looks at.',
  'rows-corrected': '{count} rows are read as they were corrected, not as the file has them.',
  'rows-filtered': '{count} rows do not meet the filters.',
  'rows-named': 'Left out of training: {count} rows that you named.',
  'rows-unsampled': '{count} rows are left by balancing or sampling.',
  'rows-as-shots': '{count} training rows stand in front of every prompt and are not trained on.',
  'dev-also-trained':
    '{count} held-out rows are also trained on (held-out line {dev} is training line {train}); their figures say less.',
  'bad-rows-left-out': '{file}: {count} rows that cannot be used were left out. The first: {problem}',
  'labels-long':
    '{count} of {total} label words have several tokens: {list}. Each row takes {total} passes instead of one, which words of one token would save.',
  'layers-by-probing':
    'Probing chose the layers from {first} up: they keep {percent} % of what a step gains over the best upper layers.',
  'trained-on-score': 'This run is trained on a score ({score}); what is called loss here is 1 minus it.',
  'labels-respelled': 'Labels are read in another spelling, which is one token each: {list}.',
  'left-out-repeated': 'Left out of training: {count} rows that repeat another.',
  'left-out-nearly-repeated': 'Left out of training: {count} rows that are almost the same as another.',
  'left-out-contradicted': 'Left out of training: {count} rows whose prompt also has another answer.',
  'left-out-held-out': 'Left out of training: {count} rows whose prompt is also held out.',
  'left-out-nearly-held-out':
    'Left out of training: {count} rows that are almost the same as a held-out one.',
  'left-out-empty-answer': 'Left out of training: {count} rows with nothing to learn.',
  'left-out-empty-field': 'Left out of training: {count} rows with an empty column in the prompt.',
  'left-out-lost-characters': 'Left out of training: {count} rows with characters that were lost.',
  'left-out-control-characters': 'Left out of training: {count} rows with control characters.',
  'left-out-misread-characters':
    'Left out of training: {count} rows with characters read in a wrong encoding.',
  'left-out-answer-in-prompt': 'Left out of training: {count} rows whose answer stands in the prompt.',
}
