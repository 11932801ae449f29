import { Template } from '@huggingface/jinja'

/** What a template needs from outside. */
export interface TemplateNames {
  /** Variables that it reads and neither sets nor asks about (`is defined`), each once, in order. */
  readonly used: readonly string[]
  /** Whether it can repeat anything. */
  readonly hasLoops: boolean
}

/** A node of the library's tree. */
interface Node {
  readonly type: string
  readonly value?: unknown
}

/** Variables that the library and our renderer bring. */
const given: ReadonlySet<string> = new Set(['loop', 'namespace', 'range', 'raise_exception', 'strftime_now'])
/** Parts of a node whose identifier is a name in itself and no variable. */
const nameParts: Readonly<Partial<Record<string, readonly string[]>>> = {
  FilterExpression: ['filter'],
  FilterStatement: ['filter'],
  TestExpression: ['test'],
  KeywordArgumentExpression: ['key'],
  Macro: ['name'],
}
const loopTypes: ReadonlySet<string> = new Set(['For', 'Macro', 'CallStatement', 'SelectExpression'])
const askingTests: ReadonlySet<string> = new Set(['defined', 'undefined'])

/** Finds the names in a template that parses. */
export function templateNames(source: string): TemplateNames {
  const used = new Set<string>()
  const own = new Set<string>()
  const asked = new Set<string>()
  let hasLoops = false
  const visit = (node: Node): void => {
    if (node.type === 'Identifier') {
      used.add(String(node.value))
      return
    }
    hasLoops ||= loopTypes.has(node.type)
    const parts = node as unknown as Readonly<Record<string, unknown>>
    for (const name of ownNames(node.type, parts)) own.add(name)
    for (const name of askedNames(node.type, parts)) asked.add(name)
    for (const [part, value] of Object.entries(parts)) {
      if (part === 'operator' || isField(node.type, part, parts)) continue
      for (const child of nodesIn(value)) visitPart(node.type, part, child)
    }
  }
  const visitPart = (type: string, part: string, child: Node): void => {
    const isName = child.type === 'Identifier' && nameParts[type]?.includes(part) === true
    if (isName) return
    // A filter with arguments is called: `replace('a', 'b')`.
    if (child.type === 'CallExpression' && nameParts[type]?.includes(part) === true) {
      const { args } = child as unknown as { readonly args: readonly Node[] }
      args.forEach(visit)
    } else visit(child)
  }
  visit(new Template(source).parsed as Node)
  const isNeeded = (name: string): boolean => !own.has(name) && !given.has(name) && !asked.has(name)
  return { used: [...used].filter(isNeeded), hasLoops }
}

/** Names that a node sets. */
function ownNames(type: string, parts: Readonly<Record<string, unknown>>): string[] {
  const set = {
    For: parts['loopvar'],
    Set: parts['assignee'],
    Macro: [parts['name'], parts['args']],
  }
  return type in set ? identifiers(nodesIn(set[type as keyof typeof set])) : []
}

function identifiers(nodes: readonly Node[]): string[] {
  return nodes.flatMap((node) => {
    if (node.type === 'Identifier') return [String(node.value)]
    // `{% set namespace.count = 1 %}` sets no variable.
    return node.type === 'TupleLiteral' ? identifiers(nodesIn(node.value)) : []
  })
}

/** `name` of `name is defined`: it may be missing. */
function askedNames(type: string, parts: Readonly<Record<string, unknown>>): string[] {
  if (type !== 'TestExpression') return []
  const isAsking = identifiers(nodesIn(parts['test'])).some((test) => askingTests.has(test))
  return isAsking ? identifiers(nodesIn(parts['operand'])) : []
}

/** `role` of `message.role` is no variable. */
function isField(type: string, part: string, parts: Readonly<Record<string, unknown>>): boolean {
  return type === 'MemberExpression' && part === 'property' && parts['computed'] !== true
}

/** Nodes in a part of a node: one, a list or a map of them. */
function nodesIn(value: unknown): Node[] {
  if (value instanceof Map) return [...value].flat().flatMap(nodesIn)
  if (Array.isArray(value)) return value.flatMap(nodesIn)
  const isNode = typeof value === 'object' && value !== null && 'type' in value
  return isNode ? [value as Node] : []
}
