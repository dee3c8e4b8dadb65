import { describe, expect, it } from 'vitest'
import type { Price } from '@/api'
import { aResource } from '@/testing/samples'
import { estimate, times } from './estimate'
import { formatMoney } from './money'

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')
const rub = (amount: string) => ({ amount, currency: 'RUB' })
const resource = (...prices: Price[]) => aResource({ seats: 10, prices })

describe('money', () => {
  it('is written the way each language writes it', () => {
    expect(plain(formatMoney(rub('1350.00'), 'ru'))).toBe('1350 ₽'.replace('1350', '1 350'))
    expect(plain(formatMoney(rub('1350.00'), 'en'))).toBe('1,350 ₽')
    expect(plain(formatMoney({ amount: '35.5', currency: 'USD' }, 'en'))).toBe('$35.50')
    expect(plain(formatMoney(rub('0.50'), 'ru'))).toBe('0,50 ₽')
    expect(plain(formatMoney({ amount: '1.250', currency: 'KWD' }, 'en'))).toBe('KWD 1.250')
    expect(plain(formatMoney({ amount: '1500', currency: 'JPY' }, 'en'))).toBe('¥1,500')
  })

  it('loses nothing on amounts a float cannot hold', () => {
    expect(plain(formatMoney(rub('9007199254740993.07'), 'en'))).toBe('9,007,199,254,740,993.07 ₽')
    expect(times(rub('0.10'), 3).amount).toBe('0.30')
    expect(times({ amount: '1.005', currency: 'KWD' }, 100).amount).toBe('100.500')
    expect(times({ amount: '501', currency: 'JPY' }, 0.5).amount).toBe('251')
  })
})

describe('estimate', () => {
  const hour: Price = { per: 'hour', amount: '250.00', currency: 'RUB' }
  const day: Price = { per: 'day', amount: '1500.00', currency: 'RUB' }

  it('multiplies hours and seats exactly', () => {
    expect(estimate(resource(hour), 90, 2)).toEqual({ amount: '750.00', currency: 'RUB', per: 'hour' })
  })
  it('takes the day once it is cheaper, the hour on a tie', () => {
    expect(estimate(resource(hour, day), 480, 1)).toEqual({ amount: '1500.00', currency: 'RUB', per: 'day' })
    expect(estimate(resource(day, hour), 360, 1)?.per).toBe('hour')
  })
  it('never compares currencies', () => {
    expect(estimate(resource(hour, { per: 'day', amount: '1.00', currency: 'USD' }), 480, 1)?.currency).toBe('RUB')
  })
  it('counts each date that a stay lies on', () => {
    expect(estimate(resource(day), 120, 1, 2)?.amount).toBe('3000.00')
  })
  it('has nothing to say without prices', () => {
    expect(estimate(resource(), 60, 1)).toBeNull()
  })
})
