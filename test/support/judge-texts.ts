import fc from 'fast-check'

const hand = [
  'function f(x) {\n\treturn x?.y ?? [...z]; // €\n}\n\n\n',
  "def f(a, *b, **c):\n    return f'{a!r:>{b}}'  # it's\r\n\r\n",
  '<div class="a">&nbsp;</div><!-- <|x|> -->',
  '👩‍👩‍👧‍👦👍🏽🏳️‍🌈🇩🇪🇫🇷1️⃣',
  '今天天气很好，我们去公园吧。こんにちは、世界！안녕하세요 세계',
  'مرحبا بالعالم ١٢٣٤٥ שלום עולם ֽ',
  'e\u0301a\u0308o\u0302\u0323 Z\u0351\u036b\u0343 नमस्ते สวัสดี',
  'a  b   c    d     e\t\tf\t \tg\n\n\nh\r\n\r\ni \n j \r k',
  '   leading and trailing   ',
  ' ',
  '  ',
  '\n',
  '\r\n',
  '\t\t',
  ' \n ',
  '0 1 12 123 1234 12345 3.14159 1,000,000 1e-10 0x1F ½ ² ٣ Ⅻ 一二三',
  "I'm you're he'd we've they'll it's 'S 'T 'RE 'VE 'M 'LL 'D 'ſ don'T",
  '<|im_start|>system\n<|im_end|> <|endoftext|></s><s><unk>',
  '<|im_end<|im_end|>|> <|IM_END|> < |im_end|>',
  'x<tool>y <tool> <tool><tool>\n<tool',
  '\u00a0\u2003\u3000\u0085\u2028\u2029\ufeff\u200b\u180e',
  'ﬁ Å ª º Ω K ſ ß ẞ İ ı',
  '\u0000\u0001\u001f\u007f\u0080\u009f',
  '\ufffd\uffff\ufdd0\u{10ffff}\u{e0001}',
  '\ud800 lone \udfff surrogates \ud83d',
  'https://example.org/a_b?c=d&e=%20#f',
  'supercalifragilisticexpialidocious'.repeat(20),
  'ａｂｃ　１２３！？',
  '$+<=>^~|`!"#%&()*,-./:;?@[]_{}',
  'word\u00adword\u2011word\u2014word',
]

/** Texts that trip tokenizers: by hand, and random ones from a fixed seed. */
export function judgeTexts(randomCount: number): string[] {
  const fragment = fc.oneof(
    fc.constantFrom(...hand.flatMap((text) => text.split(/(?<=\s)/))),
    fc.constantFrom(
      ' ',
      '  ',
      '\n',
      '\r\n',
      '\t',
      "'s",
      "'",
      '1',
      '12',
      'the',
      'The',
      '。',
      'é',
      '👍',
      '<tool>',
      '<|im_end|>',
      '▁',
    ),
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.string({ unit: 'grapheme', maxLength: 6 }),
  )
  const random = fc.sample(fc.array(fragment, { maxLength: 12 }), { seed: 20, numRuns: randomCount })
  return ['', ...hand, ...random.map((fragments) => fragments.join(''))]
}
