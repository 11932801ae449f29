import type { ErrorSentences } from '../../error-text.js'

export const errors = {
  'file-unreadable': {
    what: '“{path}” cannot be opened.',
    next: 'Check that it still exists and that you may read it, then choose it again.',
  },
  'file-unwritable': {
    what: '“{path}” could not be written.',
    next: 'Check that the disk has room and the folder is not read-only, or choose another folder.',
  },
  'file-exists': {
    what: '“{path}” is already there, and nothing is written over it.',
    next: 'Choose another name or folder.',
  },
  'model-malformed': {
    what: '“{path}” is damaged, or no model file (at {where}).',
    next: 'Download it again and compare its size with the one at its source.',
  },
  'model-unsupported': {
    what: 'This version cannot run “{path}”: {feature}.',
    next: 'Choose a model of the Llama, Mistral, Qwen, Gemma, Phi, OLMo or Granite families, in Q4_K_M, Q4_0 or Q8_0 for example.',
  },
  'model-untrainable': {
    what: 'This model runs, but cannot be trained this way: {reason}.',
    next: 'Choose another recipe, or a model with 4-bit weights.',
  },
  'model-mismatch': {
    what: 'This is not the model that the run was made with.',
    next: 'Put the original file back, or start a new run with this one.',
  },
  'data-invalid': {
    what: '“{path}” has a row that cannot be used (line {line}, column “{column}”).',
    next: 'Correct the row, or leave bad rows out.',
  },
  'data-insufficient': {
    what: '“{path}” has too little to learn from.',
    next: 'Add rows, of at least two kinds where the task is to tell kinds apart.',
  },
  'prompt-too-long': {
    what: 'A prompt of {tokens} tokens does not fit into the model’s context of {contextLength}.',
    next: 'Shorten the template or the text, or leave long rows out.',
  },
  'template-invalid': {
    what: 'The chat template cannot be used: {reason}.',
    next: 'Use a task with a prompt of your own, or a model whose template works.',
  },
  'request-invalid': {
    what: 'This does not work as it is: {issues}.',
    next: 'Change them and try again.',
  },
  'run-invalid': {
    what: 'The run in “{path}” cannot be continued ({where} is damaged).',
    next: 'What is left of it can still be looked at. Start a new run with the same settings.',
  },
  'adapter-invalid': {
    what: '“{path}” is not a usable adapter ({where}).',
    next: 'Export it again from its run.',
  },
  'run-locked': {
    what: 'Another program (process {pid}) is working on this.',
    next: 'Wait until it is done, or stop it there.',
  },
  'version-newer': {
    what: '“{path}” was made by a newer version of Zerotune (version {found}; this one reads up to {supported}).',
    next: 'Update Zerotune to open it.',
  },
  'memory-budget-exceeded': {
    what: 'This needs {requiredBytes} of memory; the budget is {availableBytes}.',
    next: 'Raise the budget, or choose smaller batches, a shorter maximum length or fewer trained layers.',
  },
  'loss-not-finite': {
    what: 'The loss stopped being a number at step {step}.',
    next: 'Everything before that step is kept. Start again with a lower learning rate.',
  },
  'value-unrepresentable': {
    what: 'A trained number became too large for the file’s format ({where}).',
    next: 'Export an earlier step, or train again with a lower learning rate.',
  },
  'export-mismatch': {
    what: '“{path}” did not read back as it was written ({where}), so it was not kept.',
    next: 'Check the disk, then export again.',
  },
  'merge-lossy': {
    what: 'Merged into the file’s own number types, what was trained would be lost: training gave {gained} of loss, rounding took {lost}.',
    next: 'Export it as a LoRA file or as ONNX, which keep it exactly.',
  },
  'runtime-failed': {
    what: 'The inference runtime failed while it was doing this: {operation}.',
    next: 'Close other programs that use much memory and try again.',
  },
  'device-unavailable': {
    what: 'The device “{device}” is not there: {reason}',
    next: 'Choose another device in the settings. “zerotune doctor” says what this computer has.',
  },
  'device-lost': {
    what: 'The device “{device}” went away while it was computing, or its memory is full.',
    next: 'Everything up to the last step is kept. Close other programs that use the graphics card, then go on with the run.',
  },
  'network-off': {
    what: 'The network is switched off for Zerotune.',
    next: 'Allow it in the settings, and switch it off again afterwards if you like.',
  },
  'network-failed': {
    what: '“{host}” could not be reached: {reason}.',
    next: 'Check the connection and try again. What has come is kept.',
  },
  'hub-not-found': {
    what: 'The hub has no “{name}”.',
    next: 'Check the name. Private models need a token of yours.',
  },
  'hub-denied': {
    what: 'The hub does not give out “{name}” without permission.',
    next: 'Accept its terms on its page at the hub, and give a token of yours here.',
  },
  'hub-busy': {
    what: '“{host}” is busy and asks to wait.',
    next: 'Try again in some minutes. What has come is kept.',
  },
  'download-invalid': {
    what: '“{name}” was not taken: {reason}.',
    next: 'Try again. If it happens twice, the hub or something on the way to it is at fault; choose another file.',
  },
  'space-missing': {
    what: 'There is not enough room on the disk: {requiredBytes} are needed, {availableBytes} are free.',
    next: 'Make room, or choose a smaller file. What has come is kept.',
  },
  cancelled: {
    what: 'Stopped, as you asked.',
    next: 'Nothing was changed.',
  },
  'unknown-item': {
    what: 'This is no longer known here ({what}).',
    next: 'Choose it again.',
  },
  'run-active': {
    what: 'Another run is going on, and only one can at a time.',
    next: 'Wait for it, or stop it on its page.',
  },
  'run-not-ready': {
    what: 'The run cannot do this now (its state: {state}).',
    next: 'Look at the run’s page for what it is doing.',
  },
  'not-available': {
    what: 'This is not possible here: {feature}.',
    next: 'The desktop app, or a newer version, may be able to.',
  },
  'engine-gone': {
    what: 'The engine stopped before it answered.',
    next: 'Start it again with the button at the top. What had been saved is still there.',
  },
  bug: {
    what: 'Something went wrong inside Zerotune.',
    next: 'Nothing of yours is lost. Copy the technical detail and report it, please.',
  },
} as const satisfies ErrorSentences
