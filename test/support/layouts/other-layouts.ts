import {
  layout,
  type PublicLayout,
  short,
  sentence,
  long,
  answer,
  word,
  id,
  count,
  score,
  url,
  date,
  of,
  openai,
  classes,
  transcript,
} from './made-values.js'

const glue = { idx: count, label: classes(2) }

/** Layouts of data sets of preferences, labels and running text that people fine-tune on. */
export const otherLayouts: readonly PublicLayout[] = [
  // Preference pairs: the better answer is trained on.
  layout(
    'Intel/orca_dpo_pairs',
    { system: sentence, question: short, chosen: answer, rejected: sentence },
    'answer: system question -> chosen',
  ),
  layout(
    'HuggingFaceH4/ultrafeedback_binarized',
    {
      prompt: short,
      prompt_id: id,
      chosen: openai,
      rejected: openai,
      messages: openai,
      score_chosen: score,
      score_rejected: score,
    },
    'chat: chosen',
  ),
  layout(
    'argilla/ultrafeedback-binarized-preferences',
    {
      source: of('evol_instruct', 'flan'),
      instruction: short,
      chosen_response: answer,
      rejected_response: sentence,
      chosen_avg_rating: score,
      rejected_avg_rating: score,
      chosen_model: of('gpt-4', 'llama'),
    },
    'answer: instruction -> chosen_response',
  ),
  layout(
    'jondurbin/truthy-dpo-v0.1',
    { id, source: of('truthy_dpo'), system: sentence, prompt: short, chosen: answer, rejected: sentence },
    'answer: system prompt -> chosen',
  ),
  layout('Anthropic/hh-rlhf', { chosen: transcript, rejected: transcript }, 'text: chosen'),
  // Text and label.
  layout('stanfordnlp/imdb', { text: long, label: classes(2) }, 'labels: text -> label'),
  layout('fancyzhx/ag_news', { text: sentence, label: classes(4) }, 'labels: text -> label'),
  layout(
    'AG News (CSV)',
    { 'Class Index': classes(4), Title: short, Description: sentence },
    'labels: Title Description -> Class Index',
  ),
  layout(
    'SetFit/sst2',
    { text: sentence, label: classes(2), label_text: of('negative', 'positive') },
    'labels: text -> label_text',
  ),
  layout('GLUE SST-2', { sentence, label: classes(2) }, 'labels: sentence -> label'),
  layout(
    'nyu-mll/glue mnli',
    { premise: sentence, hypothesis: short, ...glue },
    'labels: premise hypothesis -> label',
  ),
  layout(
    'nyu-mll/glue rte',
    { sentence1: sentence, sentence2: short, ...glue },
    'labels: sentence1 sentence2 -> label',
  ),
  layout(
    'QQP (TSV)',
    { id: count, qid1: count, qid2: count, question1: short, question2: short, is_duplicate: classes(2) },
    'labels: question1 question2 -> is_duplicate',
  ),
  layout(
    'CogComp/trec',
    { text: short, coarse_label: classes(6), fine_label: classes(9) },
    'labels: text -> coarse_label',
  ),
  layout('PolyAI/banking77', { text: short, label: classes(8) }, 'labels: text -> label'),
  layout('dair-ai/emotion', { text: sentence, label: classes(6) }, 'labels: text -> label'),
  layout(
    'fancyzhx/amazon_polarity',
    { label: classes(2), title: short, content: long },
    'labels: title content -> label',
  ),
  layout(
    'SMS Spam Collection (Kaggle)',
    { v1: of('ham', 'spam'), v2: sentence, 'Unnamed: 2': () => '' },
    'labels: v2 -> v1',
  ),
  layout(
    'Twitter airline sentiment (Kaggle)',
    {
      tweet_id: count,
      airline_sentiment: of('negative', 'neutral', 'positive'),
      airline_sentiment_confidence: score,
      airline: of('Delta', 'United'),
      name: word,
      text: sentence,
      tweet_created: date,
    },
    'labels: text -> airline_sentiment',
  ),
  layout(
    'tdavidson/hate_speech_offensive',
    { count: classes(3), hate_speech_count: classes(3), class: classes(3), tweet: sentence },
    'labels: tweet -> class',
  ),
  layout('clinc/clinc_oos', { text: short, intent: classes(12) }, 'labels: text -> intent'),
  layout(
    'BBC news (Kaggle)',
    { category: of('tech', 'sport', 'business'), text: long },
    'labels: text -> category',
  ),
  layout(
    'a folder of texts for each class',
    { text: long, file: id, folder: of('neg', 'pos') },
    'labels: text -> folder',
  ),
  // Running text.
  layout('Salesforce/wikitext', { text: long }, 'text: text'),
  layout('roneneldan/TinyStories', { text: long }, 'text: text'),
  layout('allenai/c4', { text: long, timestamp: date, url }, 'text: text'),
  layout('wikimedia/wikipedia', { id, url, title: short, text: long }, 'text: text'),
  layout(
    'HuggingFaceFW/fineweb',
    {
      text: long,
      id,
      dump: of('CC-MAIN-2013-20', 'CC-MAIN-2013-48'),
      url,
      date,
      file_path: url,
      language: of('en', 'en'),
      language_score: score,
      token_count: count,
    },
    'text: text',
  ),
  layout(
    'codeparrot/github-code',
    {
      code: long,
      repo_name: id,
      path: url,
      language: of('C', 'Go', 'Rust'),
      license: of('mit', 'gpl'),
      size: count,
    },
    'text: code',
  ),
]
