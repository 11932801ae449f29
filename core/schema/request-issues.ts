import type { EngineError } from './engine-error.js'
import { requestInvalid } from './request-invalid.js'
import { sentences, type SentenceValues } from './sentences.js'

/** Settings of a run that do not go together. */
const ofRuns = {
  'probe-size-of-exact': "'{recipe}' follows exact gradients, so it has no probe to set the size of",
  'score-of-exact':
    "'{recipe}' follows gradients, and a score has none: choose a recipe by forward passes, such as 'qzo-rows'",
  'probing-of-exact':
    "'{recipe}' follows exact gradients; ways of probing, queries, shares of layers, step rules and running means over steps are of the recipes by forward passes",
  'own-directions':
    "'{recipe}' gives every row a direction of its own, both sides in one batch: it probes two-point or by a kernel, with one query; 'qzo' takes the others",
  'directions-of-scales':
    "'{recipe}' draws every number of a direction by itself; other directions are of recipes that move block scales as logarithms, such as 'qzo'",
  'rank-of-directions':
    "rank and steps of a basis are of low-rank directions: choose '--directions low-rank', or 'lozo'",
  'spectral-of-scales':
    "'{recipe}' moves no matrices of logarithms; steps are evened out over singular directions where block scales move, such as by 'qzo'",
  'one-sided-alone': "'one-sided' compares the directions of a step with each other: two queries at least",
  'spread-alone': "'spread' divides by the spread of a step's own losses, so it needs two queries at least",
  'moments-of-some-layers':
    'running means are of all trained layers at every step: choose them, or a share of the layers',
  'codes-are-whole':
    "'{recipe}' moves codes, which are whole numbers: running means, magnitudes and probes of random size need numbers between them",
  'probe-of-codes': "'{recipe}' probes a share of the codes, each by one: the size of its probe is at most 1",
  'rule-without-rate': "'{rule}' is not the recipe's own step, so it needs a learning rate of its own",
  'states-of-sgd': "'sgd' keeps a velocity in floats, so there are no other states to choose",
  'row-share-of-others': "only 'grass' moves some rows at a time, and this is '{optimizer}'",
  'sgd-without-rate': "'sgd' moves as far as gradients are long, so it needs a learning rate of its own",
  'optimizer-of-probes':
    "'{recipe}' follows probes and has steps of its own; optimizers, their states, weight decay and clipping are of the recipes that begin with 'exact' (running means over steps by probes: --moments)",
  'grid-of-probes': "'{recipe}' keeps its grid and differentiates nothing; 'exact-qat' does",
  'layers-outside': 'layers {first}-{last} should lie in 0-{top}, the first not after the last',
  'layers-of-exact':
    "'{recipe}' follows exact gradients; layers are chosen by probing for the recipes by forward passes: name the layers",
  'layers-without-device':
    'the run is on the processor, so there is no other device to leave layers to: choose one with --device',
  'device-layers-twice': 'say how many layers the device takes, or what its memory may hold, not both',
  'memory-of-device':
    "the device '{device}' is given its weights anew each time and keeps none: say how many layers it takes",
  'layers-of-start':
    'a run that goes on from another trains the layers of that one: name the layers, or none',
  'columns-without-rows': "column factors stand beside row factors, which '{recipe}' does not have",
  'zero-points-without-scales':
    "zero points are trained beside block scales by exact gradients, which '{recipe}' does not do; 'exact-scales' does",
  'freeze-order':
    'layers freeze from the bottom up: each time after more steps and below a higher layer, one of {first}-{last} but the first',
  'freeze-with-means':
    "'{recipe}' follows running means or searches magnitudes, which move layers whose steps are over; freeze them with another recipe",
  'freeze-of-auto': 'which layers freeze is said in advance, so name the trained layers too',
  'rank-without-branches':
    "'{recipe}' has no low-rank branches to choose rank or alpha of; 'exact-lora' and 'eggroll' have some",
  'bits-without-weights':
    "'{recipe}' has no master weights to choose bits, grid or rounding of; 'exact-qat' and 'zeroqat' have",
  'tokens-without-weights':
    "'{recipe}' has no gradients of weights or scales to compute from some of the tokens; 'exact-qat' and 'exact-scales' have",
  'all-linears':
    "'{recipe}' trains all linears; 'exact-lora', 'eggroll', 'exact-qat', 'zeroqat', 'quzo' and 'qes' train those that are chosen",
  'score-without-answers':
    'this score judges what the model writes after a prompt: it needs --prompt and --answer',
  'score-without-labels':
    'accuracy counts right labels, and this task has none: it needs --prompt and --label-column',
  'score-schema': 'the JSON schema of the score is not one: {reason}',
  'function-slow': 'the scoring function took more than {seconds} s',
  'function-large': 'the scoring function needed more than {megabytes} MB',
  'function-fails-at': 'the scoring function fails in line {line}: {found}',
  'function-fails': 'the scoring function fails: {found}',
  'function-value': 'expected a number from 0 to 1 of the scoring function, found {found}',
  'function-none': "expected the scoring function to define 'function score(written, right)', found {found}",
  'states-of-probes': "'{recipe}' follows probes, so it keeps no states between passes",
  'base-without-text': 'there is no text to stay as the base on; name its file',
  'base-of-probes':
    "'{recipe}' follows probes; staying as the base is on other text needs exact gradients: choose a recipe that begins with 'exact'",
  'recipe-of-graph':
    "this model runs by its own graph, whose block scales are trained by forward passes; '{recipe}' trains something else: choose 'qzo' or another recipe on block scales",
  'choice-of-graph':
    'this model runs by its own graph, as one layer, and writes nothing: layers cannot be chosen, cached, scaled apart or run in half floats, and no score of written answers can be trained on',
  'format-of-graph':
    "this run trained a model by its own graph, which is written as the same graph: export as 'onnx', not as '{format}'",
  'prompt-of-all-layers': "'{recipe}' goes through all layers, as its prompt enters the first one",
  'start-without-prompt': "'{recipe}' has no soft prompt to choose the start of; 'exact-prompt' has",
  'prompt-twice': 'a soft prompt has a vector for each token of its text: choose the text or a number',
  'prompt-length': 'a soft prompt has 1 to {end} vectors, not {count}',
  'prompt-beyond-context':
    "the longest row and the soft prompt have {count} tokens together, and the model's context holds {end}: choose fewer vectors or shorter rows",
  'earlier-layers':
    "the earlier run trained layers {first}-{last}, and all of them must be trained on; or export the earlier run as 'gguf' and train that file instead",
  'earlier-parts':
    "'{recipe}' cannot go on with the {parts} that '{earlier}' trained as they are; export the earlier run as 'gguf' and train that file instead",
} as const

/** Tasks that do not go with their rows, or with the model. */
const ofTasks = {
  'brace-idle':
    "template '{found}': '}' at position {at} closes nothing (write '{{' and '}}' for braces themselves)",
  'brace-open':
    "template '{found}': '{' at position {at} should start a '{column}' (write '{{' and '}}' for braces themselves)",
  'labels-nowhere': '{file}: expected a column with labels, but the prompt uses every column',
  'label-column-among':
    '{file}: expected one obvious label column, candidates are {list}; name it with --label-column',
  'label-column-none':
    '{file}: expected one obvious label column, none of the unused columns ({list}) has two to {end} different values and fewer than half as many as rows; name it with --label-column',
  'label-silent': "label '{name}' has no text",
  'labels-equal':
    "the text of label '{name}' ({text}) has the same tokens as label '{other}' ({otherText}), so the model could not choose between them; give other texts with --labels",
  'labels-nested':
    "the text of label '{name}' ({text}) has tokens that are the start of those of label '{other}' ({otherText}), so the model could not choose between them; give other texts with --labels",
  'system-without-chat': 'a system message needs the chat template around the prompt: add --chat',
  'chat-without-template': 'this model has no chat template, which --chat needs',
  'tensors-without-graph':
    'rows of tensors are for graphs in ONNX that take and give tensors; this model reads text',
  'text-of-tensors':
    'this graph takes and gives tensors and reads no text: name a folder of safetensors files with --data, and no other task than its --target',
  'choice-of-tensors':
    'rows of tensors have no columns, tokens or texts: they cannot be filtered, grouped, corrected, cut, or compared for near duplicates',
  'target-open': 'this graph has several outputs ({list}); name the one that rows have with --target',
  'target-unknown': "this graph has no output '{name}' of floats, but {list}",
  'messages-without-template': 'this model has no chat template, which a chat task needs',
  'filter-number': "a filter with '{relation}' compares numbers; found '{found}'",
} as const

/** What a person typed, and what a run cannot be exported as. */
const others = {
  'path-nul': 'path: it has a NUL character',
  'path-elsewhere': 'path: paths of other computers and devices are not opened',
  'path-relative': 'path: expected the whole path, from the root or from ~',
  'path-device': 'path: it names a device',
  'repository-name': "expected OWNER/NAME or OWNER/NAME:FILE, found '{found}'",
  'prompt-in-format':
    "this run trained a soft prompt, vectors before every text, and {format} has no place for them: export as 'adapter', which Zerotune puts over the base model, or train another recipe",
  'lora-without-branches':
    "there are no low-rank branches; train with --recipe exact-lora or eggroll, or export as 'gguf'",
  'lora-of-fused':
    "files of the architecture '{name}' hold several linears in one tensor ({tensor}), which a branch of one of them does not fit: export as 'gguf'",
  'lora-of-tensors':
    "this run changed the model's own tensors, which a LoRA file cannot hold: export as 'gguf'",
} as const

const texts = { ...ofRuns, ...ofTasks, ...others }
const numbers: ReadonlySet<string> = new Set(['first', 'last', 'top', 'end', 'count', 'at'])
const table = sentences<RequestIssueCode>(texts, numbers)

/** What about a request can contradict itself, the model or the rows. */
export type RequestIssueCode = keyof typeof texts
/** The sentences by their codes. */
export const requestIssueTexts = table.texts
/** Which issue a sentence is, so that a host can say it in another language; null where it is none of these. */
export const readRequestIssue = table.read

/** The error of an issue, in English. */
export function requestIssue(
  code: RequestIssueCode,
  values: SentenceValues = {},
  options?: ErrorOptions,
): EngineError<'request-invalid'> {
  return requestInvalid(table.say(code, values), options)
}
