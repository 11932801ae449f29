import { createReadStream } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { securityHeaders } from '../host/content-policy.js'
import { findPageFile } from '../host/page-file.js'
import { hasLoopbackHost } from './trusted-request.js'

/** Serves the page's files, and nothing else, to this computer. */
export function createPageServer(folder: string): Server {
  return createServer((request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
    answerFile(folder, request, response)
  })
}

function answerFile(
  folder: string,
  { method, headers, url }: IncomingMessage,
  response: ServerResponse,
): void {
  if (!hasLoopbackHost(headers)) {
    refuse(response, 403)
    return
  }
  if (method !== 'GET' && method !== 'HEAD') {
    refuse(response, 405)
    return
  }
  const [path = '/'] = (url ?? '/').split(/[?#]/)
  const file = findPageFile(folder, path)
  if (file === null) {
    refuse(response, 404)
    return
  }
  response.setHeader('Content-Type', file.contentType)
  if (method === 'HEAD') {
    response.end()
    return
  }
  createReadStream(file.path)
    .on('error', () => response.destroy())
    .pipe(response)
}

function refuse(response: ServerResponse, status: number): void {
  response.statusCode = status
  response.end()
}
