import type { Command } from 'commander'
import { escapedText, integer, positiveNumber } from './option-values.js'

/** Adds the flags that say what to learn from a row. */
export function withTaskOptions(command: Command): Command {
  return command
    .option(
      '--task <file>',
      'task file (JSON), one that comes along such as mezo/sst2, or a run whose task is used again, instead of the flags below',
    )
    .option(
      '--prompt <template>',
      "prompt, such as '{sentence} It was'; \\n, \\t and \\\\ are escapes",
      escapedText,
    )
    .option('--label-column <name>', 'column of the label')
    .option('--labels <json>', 'text for each label, such as \'{"0":" terrible","1":" great"}\'')
    .option(
      '--answer <template>',
      "answer that follows the prompt, such as '{answer}'; escapes as in --prompt",
      escapedText,
    )
    .option(
      '--chosen <template>',
      'the better of two answers to the prompt; escapes as in --prompt',
      escapedText,
    )
    .option('--rejected <template>', 'the worse of them; escapes as in --prompt', escapedText)
    .option('--beta <x>', 'how little pairs may move the model from its base (default: 0.1)', positiveNumber)
    .option('--text <template>', "running text, such as '{text}'; escapes as in --prompt", escapedText)
    .option('--messages <column>', 'column of chat messages')
    .option('--target <output>', 'rows of tensors: the output of the graph that they have as it should be')
    .option('--jinja', "templates are Jinja, such as '{{ question | trim }}'")
    .option('--chat', "put the prompt as a message, in the model's own chat template")
    .option('--system <template>', 'system message over it; escapes as in --prompt', escapedText)
    .option('--shots <n>', 'training rows with their answers in front of every prompt', integer(1))
}

/** Adds the flags that say how much to print. */
export function withOutputOptions(command: Command): Command {
  return command
    .option('--json', 'one JSON object a line')
    .option('--quiet', 'nothing but errors')
    .option('--verbose', 'where an error comes from')
}
