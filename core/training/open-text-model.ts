import type { KnownHashes } from '../model/known-hashes.js'
import type { ChatTemplate } from '../data/chat-template.js'
import type { Tokenizer } from '../data/tokenizer/tokenizer.js'
import { openDecoder } from '../engine/decoder.js'
import type { NextTokenModel } from '../engine/next-token-model.js'
import { isExportedFolder, openOnnxFolder } from '../engine/onnx-folder.js'
import type { Device } from '../runtime/device.js'
import { rowTemplate } from '../data/read-template.js'
import { isConversation, type Task } from '../schema/task.js'
import { openSubject } from './open-trained.js'

/** Something that writes text: a model file, a run, or an exported ONNX folder. */
export interface TextModel {
  readonly tokenizer: Tokenizer
  /** Null where there is no chat template. */
  readonly chat: ChatTemplate | null
  /** Whether a prompt is best put as a message of a conversation: a run was trained one way, a model was made for one. */
  readonly prefersChat: boolean
  /** The system message that it was trained under, where that is the same for every row; null otherwise. */
  readonly system: string | null
  /** As trained. */
  readonly model: NextTokenModel
  /** Opens the model as it was before training; null where this is no run. */
  readonly openBase: (() => Promise<NextTokenModel>) | null
}

/**
 * Opens what `generate` and `chat` talk to.
 *
 * @param date what a chat template may show as the current date
 * @throws EngineError of `openSubject` and `openOnnxFolder`, 'runtime-failed'
 */
export async function openTextModel(
  path: string,
  device: Device,
  date: Date,
  hashes: KnownHashes | null = null,
): Promise<TextModel> {
  if (isExportedFolder(path)) {
    const { model, tokenizer, chat } = await openOnnxFolder(path, device, date)
    return { model, tokenizer, chat, prefersChat: chat !== null, system: null, openBase: null }
  }
  const subject = openSubject(path, date, hashes)
  const { tokenizer, chat, model } = subject.model
  if (subject.kind === 'model') {
    const decoder = await openDecoder(device, model)
    return { model: decoder, tokenizer, chat, prefersChat: chat !== null, system: null, openBase: null }
  }
  const { parameters, job } = subject
  return {
    model: await openDecoder(device, model, parameters),
    tokenizer,
    chat,
    prefersChat: isConversation(job.task),
    system: fixedSystem(job.task),
    openBase: () => openDecoder(device, model),
  }
}

function fixedSystem(task: Task): string | null {
  if (!('system' in task) || task.system === undefined) return null
  if (task.kind === 'chat') return task.system
  const template = rowTemplate(task.system, task.syntax)
  if (template.columns.length > 0) return null
  return template.render({ line: 0, fields: new Map() }, { path: '', columnOf: (name) => name })
}
