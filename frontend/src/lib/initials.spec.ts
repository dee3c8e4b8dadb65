import { describe, expect, it } from 'vitest'
import { initials, TINTS, tintOf } from './initials'

describe('initials', () => {
  it.each([
    ['Anna', 'A'],
    ['анна сергеевна белова', 'АБ'],
    ['А.С.Пушкин', 'АП'],
    ['  Jean-Luc   d’Arc ', 'JD'],
    ['(Olga) Ivanova', 'OI'],
    ['𝒜nna', '𝒜'],
    ['', ''],
  ])('of %s are %s', (name, letters) => {
    expect(initials(name)).toBe(letters)
  })
})

describe('the tint of a name', () => {
  it('is always the same, and names use all of them', () => {
    const names = Array.from({ length: 60 }, (_name, number) => `Anna ${number}`)
    expect(names.map(tintOf)).toEqual(names.map(tintOf))
    expect(new Set(names.map(tintOf))).toEqual(new Set(Array.from({ length: TINTS }, (_tint, number) => number + 1)))
  })
})
