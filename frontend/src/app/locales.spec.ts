import { describe, expect, it } from 'vitest'
import { russianPlural } from './i18n'
import { allMessages, wholeI18n } from '@/testing/messages'

const [en, ru] = [allMessages('en'), allMessages('ru')]

function leaves(node: object, path = ''): [string, string][] {
  return Object.entries(node).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [[`${path}${key}`, value] as [string, string]]
      : leaves(value as object, `${path}${key}.`),
  )
}
const names = (message: string) => [...new Set(message.match(/\{(\w+)\}/g) ?? [])].sort().join()

describe('both languages', () => {
  it('have the same keys, none empty', () => {
    expect(
      leaves(ru)
        .map(([key]) => key)
        .sort(),
    ).toEqual(
      leaves(en)
        .map(([key]) => key)
        .sort(),
    )
    expect([...leaves(ru), ...leaves(en)].filter(([, text]) => !text.trim())).toEqual([])
  })

  it('name the same values in every message', () => {
    const english = new Map(leaves(en))
    expect(leaves(ru).filter(([key, text]) => names(text) !== names(english.get(key) ?? ''))).toEqual([])
  })

  it('have all forms wherever a number is counted: two in English, three in Russian', () => {
    const forms = (text: string) => text.split(' | ').length
    const english = new Map(leaves(en))
    expect(leaves(en).filter(([, text]) => forms(text) > 1 && forms(text) !== 2)).toEqual([])
    expect(leaves(ru).filter(([key, text]) => forms(english.get(key) ?? '') > 1 !== forms(text) > 1)).toEqual([])
    expect(leaves(ru).filter(([, text]) => forms(text) > 1 && forms(text) !== 3)).toEqual([])
  })
})

describe('Russian plural', () => {
  it.each([
    [0, 2],
    [1, 0],
    [2, 1],
    [4, 1],
    [5, 2],
    [11, 2],
    [12, 2],
    [21, 0],
    [22, 1],
    [111, 2],
    [121, 0],
    [214, 2],
  ])('%i takes form %i', (n, form) => {
    expect(russianPlural(n, 3)).toBe(form)
  })

  it('reads in whole sentences', () => {
    const { t } = wholeI18n('ru').global
    expect([1, 3, 11, 21, 214].map((n) => t('search.showPlaces', { n }, n))).toEqual([
      'Показать 1 место',
      'Показать 3 места',
      'Показать 11 мест',
      'Показать 21 место',
      'Показать 214 мест',
    ])
  })

  it('English counts too', () => {
    const { t } = wholeI18n('en').global
    expect([0, 1, 214].map((n) => t('search.places', { n }, n))).toEqual(['0 places', '1 place', '214 places'])
  })
})
