import { describe, expect, it } from 'vitest'
import { safeNext } from '@/lib/navigation'
import { contradiction, readFilters, toQuery } from './useSearch'

describe('the address as filters', () => {
  it('reads everything it knows', () => {
    expect(
      readFilters({
        city: 'moscow',
        amenities: 'wifi,coffee',
        kind: 'office',
        price_max: '450.50',
        per: 'day',
        sort: '-price',
      }),
    ).toMatchObject({
      city: 'moscow',
      amenities: ['wifi', 'coffee'],
      kind: 'office',
      price_max: '450.50',
      per: 'day',
      sort: '-price',
    })
  })
  it('leaves out what it does not know, however it was written', () => {
    expect(readFilters({ kind: 'castle', price_min: 'abc', per: 'year', sort: 'drop table', amenities: ',,' })).toEqual(
      {
        city: undefined,
        district: undefined,
        kind: undefined,
        amenities: [],
        price_min: undefined,
        price_max: undefined,
        per: 'hour',
        sort: 'newest',
      },
    )
  })
  it('knows no prices per month: the app cannot book one', () => {
    expect(readFilters({ per: 'month' }).per).toBe('hour')
  })
  it('leaves out prices that contradict each other, and says which', () => {
    const query = { price_min: '500', price_max: '100' }
    expect(readFilters(query)).toMatchObject({ price_min: undefined, price_max: undefined })
    expect(contradiction(query)).toEqual({ min: '500', max: '100' })
    expect([contradiction({ price_min: '99', price_max: '100' }), contradiction({ price_min: '500' })]).toEqual([
      null,
      null,
    ])
  })
  it('names the unit only when prices are compared', () => {
    expect(toQuery(readFilters({ city: 'moscow' }))).not.toHaveProperty('per')
    expect(toQuery(readFilters({ sort: 'price' }))).toHaveProperty('per', 'hour')
  })
})

describe('coming back after signing in', () => {
  it.each(['//evil.example', 'https://evil.example', '/\\evil.example', undefined, ['/a']])(
    'never leads to %s',
    (next) => {
      expect(safeNext(next)).toBe('/')
    },
  )
  it('leads to a page of the app', () => {
    expect(safeNext('/spaces/loft?start=1')).toBe('/spaces/loft?start=1')
  })
})
