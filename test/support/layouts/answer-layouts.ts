import {
  layout,
  type PublicLayout,
  short,
  sentence,
  long,
  answer,
  word,
  sometimes,
  id,
  url,
  of,
  openai,
  shareGpt,
  spans,
} from './made-values.js'

const alpaca = { instruction: short, input: sometimes, output: answer }
const squad = {
  id,
  title: of('Paris', 'Rome', 'Oslo', 'Bonn', 'Kyiv', 'Bern', 'Riga'),
  context: long,
  question: short,
}

/** Layouts of data sets of answers and conversations that people fine-tune on. */
export const answerLayouts: readonly PublicLayout[] = [
  // Alpaca and what became of it.
  layout('tatsu-lab/alpaca', { ...alpaca, text: long }, 'answer: instruction input -> output'),
  layout(
    'yahma/alpaca-cleaned',
    { output: answer, input: sometimes, instruction: short },
    'answer: instruction input -> output',
  ),
  layout(
    'sahil2801/CodeAlpaca-20k',
    { output: answer, instruction: short, input: sometimes },
    'answer: instruction input -> output',
  ),
  layout(
    'iamtarun/python_code_instructions_18k_alpaca',
    { ...alpaca, prompt: long },
    'answer: instruction input -> output',
  ),
  layout(
    'WizardLMTeam/WizardLM_evol_instruct_70k',
    { instruction: sentence, output: long },
    'answer: instruction -> output',
  ),
  layout(
    'databricks/databricks-dolly-15k',
    {
      instruction: short,
      context: sometimes,
      response: answer,
      category: of('open_qa', 'closed_qa', 'brainstorming'),
    },
    'answer: instruction context -> response',
  ),
  layout(
    'bitext/customer-support',
    {
      flags: of('B', 'BQZ', 'BLQ'),
      instruction: short,
      category: of('ORDER', 'SHIPPING'),
      intent: of('cancel_order', 'track_order'),
      response: long,
    },
    'answer: instruction -> response',
  ),
  layout(
    'Muennighoff/natural-instructions',
    { task_name: of('task1', 'task2'), id, definition: sentence, inputs: short, targets: word },
    'answer: definition inputs -> targets',
  ),
  layout(
    'Open-Orca/OpenOrca',
    { id, system_prompt: sentence, question: short, response: answer },
    'answer: system_prompt question -> response',
  ),
  layout(
    'CohereForAI/aya_dataset',
    {
      inputs: short,
      targets: answer,
      language: of('English', 'Thai'),
      language_code: of('eng', 'tha'),
      annotation_type: of('original', 're-annotations'),
      user_id: id,
    },
    'answer: inputs -> targets',
  ),
  // Conversations.
  layout('Open-Orca/SlimOrca', { conversations: shareGpt }, 'chat: conversations'),
  layout('anon8231489123/ShareGPT_Vicuna_unfiltered', { id, conversations: shareGpt }, 'chat: conversations'),
  layout(
    'teknium/OpenHermes-2.5',
    {
      conversations: shareGpt,
      source: of('airoboros', 'glaive'),
      category: of('coding', 'joke'),
      system_prompt: () => null,
    },
    'chat: conversations',
  ),
  layout(
    'HuggingFaceH4/ultrachat_200k',
    { prompt: short, prompt_id: id, messages: openai },
    'chat: messages',
  ),
  layout(
    'HuggingFaceH4/no_robots',
    { prompt: short, prompt_id: id, messages: openai, category: of('Chat', 'Coding') },
    'chat: messages',
  ),
  layout('allenai/tulu-3-sft-mixture', { id, messages: openai, source: of('flan', 'aya') }, 'chat: messages'),
  layout('HuggingFaceTB/smoltalk', { messages: openai, source: of('magpie', 'rewrite') }, 'chat: messages'),
  layout('OpenAI fine-tuning, chat', { messages: openai }, 'chat: messages'),
  layout(
    'lmsys/lmsys-chat-1m',
    {
      conversation_id: id,
      model: of('vicuna', 'koala'),
      conversation: openai,
      turn: () => 1,
      language: of('English', 'German'),
      openai_moderation: () => [{ flagged: false }],
      redacted: of(true, false),
    },
    'chat: conversation',
  ),
  layout(
    'conversations in a table',
    { id, messages: (row) => JSON.stringify(openai(row)) },
    'chat: messages',
  ),
  // Prompts and answers.
  layout(
    'OpenAI fine-tuning, completions',
    { prompt: short, completion: answer },
    'answer: prompt -> completion',
  ),
  layout('openai/gsm8k', { question: short, answer }, 'answer: question -> answer'),
  layout(
    'meta-math/MetaMathQA',
    { type: of('GSM_SV', 'MATH_AnsAug'), query: short, original_question: short, response: answer },
    'answer: query -> response',
  ),
  layout(
    'hendrycks/competition_math',
    { problem: sentence, level: of('Level 1', 'Level 5'), type: of('Algebra', 'Geometry'), solution: long },
    'answer: problem -> solution',
  ),
  layout(
    'openai/openai_humaneval',
    { task_id: id, prompt: sentence, canonical_solution: answer, test: long, entry_point: word },
    'answer: prompt -> canonical_solution',
  ),
  layout(
    'b-mc2/sql-create-context',
    { question: short, context: sentence, answer },
    'answer: context question -> answer',
  ),
  layout('EdinburghNLP/xsum', { document: long, summary: sentence, id }, 'answer: document -> summary'),
  layout(
    'abisee/cnn_dailymail',
    { article: long, highlights: sentence, id },
    'answer: article -> highlights',
  ),
  layout('Samsung/samsum', { id, dialogue: long, summary: sentence }, 'answer: dialogue -> summary'),
  layout('FiscalNote/billsum', { text: long, summary: sentence, title: short }, 'answer: text -> summary'),
  layout(
    'wmt/wmt16 (de-en)',
    { translation: (row) => ({ de: sentence(row), en: answer(row) }) },
    'answer: translation.de -> translation.en',
  ),
  layout('two columns of sentences', { en: sentence, fr: answer }, 'answer: en -> fr'),
  // Questions about a text.
  layout('rajpurkar/squad', { ...squad, answers: spans }, 'answer: context question -> answers.text.0'),
  layout(
    'rajpurkar/squad_v2',
    { ...squad, answers: (row) => (row % 3 === 0 ? { text: [], answer_start: [] } : spans(row)) },
    'answer: context question -> answers.text.0',
  ),
  layout(
    "SQuAD's own file",
    {
      title: squad.title,
      context: long,
      id,
      question: short,
      answers: (row) => [{ text: word(row), answer_start: row }],
    },
    'answer: context question -> answers.0.text',
  ),
  layout(
    'mandarjoshi/trivia_qa',
    {
      question: short,
      question_id: id,
      question_source: url,
      answer: (row) => ({
        aliases: [word(row)],
        normalized_aliases: [word(row)],
        value: word(row),
        type: 'WikipediaEntity',
      }),
    },
    'answer: question -> answer.value',
  ),
  layout(
    'google-research-datasets/nq_open',
    { question: short, answer: (row) => [word(row)] },
    'answer: question -> answer.0',
  ),
  layout(
    'allenai/sciq',
    {
      question: short,
      distractor3: word,
      distractor1: word,
      distractor2: word,
      correct_answer: word,
      support: long,
    },
    'answer: support question -> correct_answer',
  ),
  layout(
    'google/boolq',
    { question: short, answer: of(true, false), passage: long },
    'labels: passage question -> answer',
  ),
]
