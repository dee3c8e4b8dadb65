import Decimal from 'decimal.js'
import type { Money, Per, Resource } from '@/api'
import { bookablePrice, decimalsOf } from './money'

/** Exact product, in the currency's decimals. */
export function times(money: Money, factor: Decimal.Value): Money {
  return { amount: new Decimal(money.amount).times(factor).toFixed(decimalsOf(money.amount)), currency: money.currency }
}

export interface Estimate extends Money {
  per: Per
}

/**
 * What a stay on so many dates would cost, before the service says the binding total: the cheapest price that covers,
 * a month's once. Currencies are never compared: only the first price's counts. Null without a price that the app can
 * book by.
 */
export function estimate(resource: Resource, minutes: number, seats: number, days = 1): Estimate | null {
  if (!resource.prices.some(bookablePrice)) return null
  const currency = resource.prices[0]?.currency
  const offers = resource.prices
    .filter((price) => price.currency === currency)
    .map((price) => ({ ...times(price, units(price.per, minutes, days).times(seats)), per: price.per }))
  offers.sort((a, b) => new Decimal(a.amount).cmp(b.amount) || minutesIn[a.per] - minutesIn[b.per])
  return offers[0] ?? null
}

const minutesIn: Record<Per, number> = { hour: 60, day: 24 * 60, month: 30 * 24 * 60 }

function units(per: Per, minutes: number, days: number): Decimal {
  return per === 'hour' ? new Decimal(minutes).div(60) : new Decimal(per === 'day' ? days : 1)
}
