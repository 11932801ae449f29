import { describe, expect, it } from 'vitest'
import { contentPolicy } from '../../electron/host/content-policy.js'

describe('the content policy', () => {
  const directives = new Map(
    contentPolicy.split('; ').map((directive) => {
      const [name, ...sources] = directive.split(' ')
      return [name, sources] as const
    }),
  )

  it('loads nothing that it does not name', () => {
    expect(directives.get('default-src')).toEqual(["'none'"])
  })

  it('takes scripts, styles, fonts and connections from the app alone', () => {
    for (const name of ['script-src', 'style-src', 'font-src', 'connect-src']) {
      expect(directives.get(name)).toEqual(["'self'"])
    }
    expect(directives.get('img-src')).toEqual(["'self'", 'data:'])
  })

  it('cannot be framed, moved, or made to send a form', () => {
    for (const name of ['frame-ancestors', 'base-uri', 'form-action']) {
      expect(directives.get(name)).toEqual(["'none'"])
    }
  })

  it('never allows inline code, evaluation, or another computer', () => {
    expect(contentPolicy).not.toMatch(/unsafe|https?:|wss?:|\*|blob:/)
  })
})
