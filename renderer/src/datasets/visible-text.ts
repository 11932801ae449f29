/** Text with what a person cannot see made visible: line ends as `↵`, tabs as `⇥`; spaces at the ends as `·`. */
export function visibleText(text: string): string {
  return text
    .replaceAll(/^ +| +$/g, (spaces) => '·'.repeat(spaces.length))
    .replaceAll('\t', '⇥\t')
    .replaceAll('\n', '↵\n')
}
