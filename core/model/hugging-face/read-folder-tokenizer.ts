import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { GgufValue } from '../../formats/gguf/gguf-file.js'
import { readJsonFile } from '../../formats/read-json-file.js'
import { tokenizerMetadata } from './tokenizer-metadata.js'

const mostConfigBytes = 2 ** 20
const mostTokenizerBytes = 64 * 2 ** 20
const mostTemplateBytes = 2 ** 20

/**
 * The tokenizer of a folder (tokenizer.json, and tokenizer_config.json and chat_template.jinja where they are) as metadata of a GGUF file.
 *
 * @param vocabularySize rows of the token table
 * @throws EngineError `file-unreadable`, `model-malformed`, `model-unsupported`
 */
export function readFolderTokenizer(folder: string, vocabularySize: number): Map<string, GgufValue> {
  const path = join(folder, 'tokenizer.json')
  const configPath = join(folder, 'tokenizer_config.json')
  const templatePath = join(folder, 'chat_template.jinja')
  const config = existsSync(configPath) ? readJsonFile(configPath, mostConfigBytes) : {}
  const tokenizer = readJsonFile(path, mostTokenizerBytes)
  const metadata = tokenizerMetadata({ path, tokenizer, config, vocabularySize })
  if (existsSync(templatePath) && statSync(templatePath).size <= mostTemplateBytes) {
    const value = readFileSync(templatePath, 'utf8')
    metadata.set('tokenizer.chat_template', { type: 'string', value })
  }
  return metadata
}
