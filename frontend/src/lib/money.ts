import Decimal from 'decimal.js'
import type { CancellationTier, Money, Per, Price, RefundTier, Resource } from '@/api'

/**
 * `1 350 ₽` or `1,350 ₽` in the reader's notation. Takes decimal strings, so no kopeck is lost to a float.
 * The rouble's sign follows its number in English too: so it is written wherever it is used.
 */
export function formatMoney(money: Money, locale: string): string {
  const english = locale !== 'ru'
  const suffixed = english && money.currency === 'RUB'
  const format = new Intl.NumberFormat(english ? 'en-US' : 'ru-RU', {
    // The decimals are the amount's own: browsers' tables say other numbers for some currencies than ISO 4217.
    minimumFractionDigits: decimalsOf(money.amount),
    maximumFractionDigits: decimalsOf(money.amount),
    ...(suffixed ? {} : { style: 'currency', currency: money.currency, currencyDisplay: 'narrowSymbol' }),
    trailingZeroDisplay: 'stripIfInteger',
  })
  // Intl formats decimal strings exactly; the cast is for its type, which wants a literal.
  const text = format.format(money.amount as Intl.StringNumericLiteral)
  return suffixed ? `${text}\u00a0₽` : text
}

/** Amounts come with the decimals of their currency: 450.00 RUB, 450 JPY, 1.250 KWD. A single one was typed by hand. */
function decimalsOf(amount: string): number {
  const places = amount.split('.')[1]?.length ?? 0
  return places === 1 ? 2 : places
}

export function isFree(money: Money): boolean {
  return new Decimal(money.amount).isZero()
}

/** Exact product, in the currency's decimals. */
export function times(money: Money, factor: Decimal.Value): Money {
  return { amount: new Decimal(money.amount).times(factor).toFixed(decimalsOf(money.amount)), currency: money.currency }
}

/** A price that the app can book by; a month's is none. */
export function bookablePrice(price: Price | null | undefined): Price | null {
  return price && price.per !== 'month' ? price : null
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

/** The tiers of a space as instants, for a booking that begins at `start`. */
export function refundSteps(tiers: CancellationTier[], start: string): RefundTier[] {
  return tiers.map((tier) => ({
    until: new Date(Date.parse(start) - tier.before_minutes * 60_000).toISOString(),
    refund_percent: tier.refund_percent,
  }))
}
