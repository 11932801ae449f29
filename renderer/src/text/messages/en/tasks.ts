import type { TaskPhase } from '../../../../../electron/ipc/tasks.js'

export const tasks = {
  phases: {
    'looking-for-models': 'Looking for models',
    'asking-the-hub': 'Asking the hub',
    'reading-header': 'Reading the model’s header',
    hashing: 'Computing the file’s checksum',
    'loading-model': 'Loading the model',
    'reading-rows': 'Reading the rows',
    'making-tokens': 'Turning rows into tokens',
    planning: 'Planning',
    'probing-layers': 'Probing which layers to train',
    'measuring-steps': 'Measuring two steps',
    'replaying-steps': 'Replaying the steps',
    'evaluating-base': 'Evaluating the base model',
    'evaluating-adapted': 'Evaluating the adapted model',
    generating: 'Generating',
    writing: 'Writing',
    'reading-back': 'Reading back what was written',
    proving: 'Letting the export generate once',
    'writing-card': 'Writing the model card',
    importing: 'Importing',
  } satisfies Readonly<Record<TaskPhase, string>>,
  starting: 'Starting',
  units: {
    bytes: '{done} of {total}',
    rows: '{done} of {total} rows',
    steps: '{done} of {total} steps',
    tokens: '{done} of {total} tokens',
    files: '{done} of {total} files',
    tensors: '{done} of {total} tensors',
  },
}
