import type { RequestIssueSentences } from '../../reason-text.js'

export const requestIssues: RequestIssueSentences = {
  'probe-size-of-exact': '“{recipe}” follows exact gradients, so it has no probe to set the size of',
  'score-of-exact': '“{recipe}” follows gradients, and a score has none: choose a recipe by forward passes',
  'probing-of-exact':
    '“{recipe}” follows exact gradients; ways of probing are of the recipes by forward passes',
  'own-directions':
    '“{recipe}” gives every row a direction of its own, so it probes on both sides or by a kernel, with one direction; “Forward passes, block scales” takes the others',
  'directions-of-scales':
    '“{recipe}” draws every number of a direction by itself; “Forward passes, block scales” has other directions',
  'rank-of-directions': 'rank and steps of a basis are of low-rank directions',
  'spectral-of-scales':
    '“{recipe}” moves no matrices of scales, whose steps could be evened out; “Forward passes, block scales” does',
  'one-sided-alone': 'probes on one side are compared with each other: two directions at least',
  'spread-alone': 'steps by the spread of a step’s losses need two directions at least',
  'moments-of-some-layers':
    'running means need every layer at every step: choose them, or a share of the layers',
  'codes-are-whole':
    '“{recipe}” moves codes, which are whole numbers: no running means, searched magnitudes or probes of random size',
  'probe-of-codes': '“{recipe}” probes a share of the codes, each by one: the size of its probe is at most 1',
  'rule-without-rate': 'the step “{rule}” is not the recipe’s own, so set its learning rate too',
  'states-of-sgd': 'SGD keeps a velocity in floats, so there are no other states to choose',
  'row-share-of-others': 'only Grass moves some rows at a time, and the optimizer is {optimizer}',
  'sgd-without-rate': 'SGD moves as far as gradients are long, so set its learning rate too',
  'optimizer-of-probes':
    '“{recipe}” follows probes and has steps of its own; optimizers, weight decay and clipping are of exact gradients',
  'tokens-without-weights':
    '“{recipe}” has no gradients of weights or scales to compute from some of the tokens',
  'grid-of-probes': '“{recipe}” keeps the grid that it rounds to',
  'layers-outside': 'layers {first} to {last} should lie in 1 to {top}, the first not after the last',
  'layers-of-exact':
    '“{recipe}” follows exact gradients; layers are chosen by probing for forward passes only: name the layers',
  'layers-without-device':
    'The run is on the processor, so there is no other device to leave layers to. Choose one in the settings.',
  'device-layers-twice': 'Say how many layers the device takes, or what its memory may hold, not both.',
  'memory-of-device':
    'The device “{device}” is given its weights anew each time and keeps none: say how many layers it takes.',
  'layers-of-start':
    'a run that goes on from another trains the layers of that one, so probing cannot choose them',
  'columns-without-rows': 'column factors stand beside row factors, which “{recipe}” does not have',
  'zero-points-without-scales':
    'zero points are trained beside block scales by exact gradients, which “{recipe}” does not do',
  'freeze-order':
    'layers freeze from the bottom up: each time after more steps and below a higher layer, one of {first} to {last} but the first',
  'freeze-with-means':
    '“{recipe}” follows running means or searches magnitudes, which move layers whose steps are over; freeze them with another recipe',
  'freeze-of-auto': 'which layers freeze is said in advance, so name the trained layers too',
  'rank-without-branches': '“{recipe}” has no low-rank branches to choose rank or alpha of',
  'bits-without-weights': '“{recipe}” has no rounded weights to choose bits, grid or rounding of',
  'all-linears': '“{recipe}” trains all matrices of a layer',
  'score-without-answers':
    'this score judges what the model writes after a prompt: choose a task with an answer in the data step',
  'score-without-labels':
    'accuracy counts right labels, and this task has none: choose a task with labels in the data step',
  'score-schema': 'the JSON schema of the score is not one: {reason}',
  'function-slow': 'your scoring function took more than {seconds} s for an answer',
  'function-large': 'your scoring function needed more than {megabytes} MB',
  'function-fails-at': 'your scoring function fails in line {line}: {found}',
  'function-fails': 'your scoring function fails: {found}',
  'function-value': 'your scoring function should give a number from 0 to 1, and gave {found}',
  'function-none': 'your JavaScript should define “function score(written, right)”',
  'states-of-probes': '“{recipe}” follows probes, so it keeps no states between passes',
  'base-without-text': 'there is no text on which to stay as the base is',
  'base-of-probes': '“{recipe}” follows probes; staying as before on other text needs exact gradients',
  'recipe-of-graph':
    '“{recipe}” trains something else: this model runs by its own graph, whose block scales are trained by forward passes',
  'choice-of-graph':
    'this model runs by its own graph, as one layer, and writes nothing: layers cannot be chosen, cached, scaled apart or run in half floats, nor scores of written answers trained on',
  'format-of-graph': 'this run trained the model’s own graph and is exported as “onnx”, not as “{format}”',
  'prompt-of-all-layers': '“{recipe}” goes through all layers, as its prompt enters the first one',
  'start-without-prompt': '“{recipe}” has no soft prompt to choose the start of',
  'prompt-twice': 'a soft prompt has a vector for each token of its text: choose the text or a number',
  'prompt-length': 'a soft prompt has 1 to {end} vectors, not {count}',
  'prompt-beyond-context':
    'the longest row and the soft prompt have {count} tokens together, and the model’s context holds {end}: choose fewer vectors or shorter rows',
  'earlier-layers':
    'the earlier run trained layers {first} to {last}, and all of them must be trained on; or export it as GGUF and train that file instead',
  'earlier-parts':
    '“{recipe}” cannot go on with what “{earlier}” trained as it is; export the earlier run as GGUF and train that file instead',
  'brace-idle':
    'in the template “{found}”, the brace at position {at} closes nothing; braces themselves are written twice',
  'brace-open':
    'in the template “{found}”, the brace at position {at} should start a column such as {column}; braces themselves are written twice',
  'labels-nowhere': 'a column with labels is needed, but the prompt uses every column of {file}',
  'label-column-among': 'in {file} several columns could be the label ({list}): choose one',
  'label-column-none':
    'in {file} none of the other columns ({list}) looks like labels, with 2 to {end} values that repeat: choose one',
  'label-silent': 'the label “{name}” has no text',
  'labels-equal':
    'the texts of the labels “{name}” ({text}) and “{other}” ({otherText}) are the same to the model: give them other texts',
  'labels-nested':
    'the text of the label “{name}” ({text}) is the beginning of that of “{other}” ({otherText}): give them other texts',
  'system-without-chat': 'a system message needs the chat template around the prompt',
  'chat-without-template': 'this model has no chat template',
  'tensors-without-graph':
    'rows of tensors are for graphs in ONNX that take and give tensors, and this model reads text',
  'text-of-tensors': 'this graph takes and gives tensors and reads no text; its rows are tensors',
  'choice-of-tensors':
    'rows of tensors have no columns, tokens or texts, so they cannot be filtered, grouped, corrected, cut, or compared for near duplicates',
  'target-open': 'this graph has several outputs ({list}), and one of them has to be named',
  'target-unknown': 'this graph has no output “{name}” of floats, but {list}',
  'messages-without-template': 'conversations need a chat template, which this model does not have',
  'filter-number': 'a filter with “{relation}” compares numbers, and “{found}” is none',
  'path-nul': 'the path has a NUL character',
  'path-elsewhere': 'paths of other computers and devices are not opened',
  'path-relative': 'type the whole path, from the root or from ~',
  'path-device': 'the path names a device',
  'repository-name': 'a name at the hub looks like OWNER/NAME; “{found}” does not',
  'prompt-in-format':
    'this run trained a soft prompt, and {format} has no place for its vectors: export an adapter, or train by another recipe',
  'lora-without-branches': 'this run has no low-rank branches: export it as GGUF',
  'lora-of-fused':
    'files of the architecture “{name}” hold several matrices in one tensor ({tensor}), which a branch of one does not fit: export it as GGUF',
  'lora-of-tensors':
    'this run changed the model’s own tensors, which a LoRA file cannot hold: export it as GGUF',
}
