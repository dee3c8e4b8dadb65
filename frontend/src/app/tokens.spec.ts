import { describe, expect, it } from 'vitest'

/** Styles of everything but the scale itself. */
const files = import.meta.glob<string>(['/src/**/*.{vue,css}', '!/src/app/tokens.css'], {
  eager: true,
  query: '?raw',
  import: 'default',
})
/** Declarations that the scale is for, with lengths of their own. A hairline (1px) is no distance. */
const OWN = [
  /^\s*(?:padding|margin|gap|row-gap|column-gap)[a-z-]*:(?=.*[^-\w.](?!0px|-?1px)-?[\d.]+(?:px|rem)).*/,
  /^\s*border(?:-[a-z]+)*-radius:(?=.*[1-9]\d*(?:px|rem|%)).*/,
  /^\s*font-size:(?!.*var\(--m-text|.*inherit).*/,
  /^\s*line-height:(?!.*var\(--m-line).*/,
  /^\s*box-shadow:(?!.*var\(--m-shadow).*/,
]

function strays(text: string): string[] {
  const style = text.includes('<template>') ? text.slice(text.indexOf('<style')) : text
  return style.split('\n').filter((line) => OWN.some((pattern) => pattern.test(line)))
}

describe('the scale', () => {
  it('is where distances, radii, sizes of letters and shadows come from', () => {
    const found = Object.entries(files).map(([path, text]) => [path, strays(text)] as const)
    expect(found.length).toBeGreaterThan(40)
    // The root: everything is measured by it.
    const root = ['  font-size: 16px;']
    expect(Object.fromEntries(found.filter(([, lines]) => lines.length))).toEqual({ '/src/app/main.css': root })
  })

  it.each(['  padding: 6px 10px;', '  margin: -3px 0;', '  border-radius: 50%;', '  box-shadow: 0 1px 2px #000;'])(
    'notices %s',
    (line) => expect(strays(line)).toEqual([line]),
  )
})
