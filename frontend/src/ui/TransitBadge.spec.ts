import { describe, expect, it } from 'vitest'
import { show } from '@/testing/render'
import TransitBadge from './TransitBadge.vue'

const stop = { name: 'Кузнецкий мост', color: '#943E90', metres: 273 }

describe('TransitBadge', () => {
  it.each(['6', '8A', 'D2', 'МЦК'])('shows the number or sign of a line in its colour: %s', async (line) => {
    const { getByTestId, container } = await show(TransitBadge, { props: { stop: { ...stop, line } }, locale: 'ru' })
    expect(getByTestId('line-sign').textContent).toBe(line)
    expect(container.textContent).not.toContain(', ')
  })

  it.each(['Кольцевая', 'Калужско-Рижская', 'Калининская'])(
    'writes the name of a line out, for they begin with one letter: %s',
    async (line) => {
      const { getByTestId, container } = await show(TransitBadge, { props: { stop: { ...stop, line } }, locale: 'ru' })
      expect(getByTestId('line-sign').textContent).toBe('')
      expect(container.textContent).toContain(`Кузнецкий мост, ${line}`)
    },
  )

  it('spells station and line in Latin letters on English pages', async () => {
    const given = { ...stop, line: 'Кольцевая', latin_name: 'Kuznetsky most', latin_line: 'Koltsevaya' }
    const english = await show(TransitBadge, { props: { stop: given } })
    expect(english.container.textContent).toContain('Kuznetsky most, Koltsevaya')
    english.unmount()
    const russian = await show(TransitBadge, { props: { stop: given }, locale: 'ru' })
    expect(russian.container.textContent).toContain('Кузнецкий мост, Кольцевая')
  })

  it('invents no line where none is known', async () => {
    const { getByTestId } = await show(TransitBadge, { props: { stop: { ...stop, line: null } } })
    expect(getByTestId('line-sign').textContent).toBe('')
  })
})
