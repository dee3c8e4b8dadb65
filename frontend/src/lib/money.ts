import Decimal from 'decimal.js'
import type { Money, Per, Price, Resource } from '@/api/types'

/**
 * `1 350 ₽` or `1,350 ₽` in the reader's notation. Takes decimal strings, so no kopeck is lost to a float.
 * The rouble's sign follows its number in English too: so it is written wherever it is used.
 */
export function formatMoney(money: Money, locale: string): string {
  const english = locale !== 'ru'
  const suffixed = english && money.currency === 'RUB'
  const format = new Intl.NumberFormat(english ? 'en-US' : 'ru-RU', {
    ...(suffixed ? { minimumFractionDigits: 2, maximumFractionDigits: 2 } : { style: 'currency', currency: money.currency, currencyDisplay: 'narrowSymbol' }),
    trailingZeroDisplay: 'stripIfInteger',
  })
  // Intl formats decimal strings exactly; the cast is for its type, which wants a literal.
  const text = format.format(money.amount as Intl.StringNumericLiteral)
  return suffixed ? `${text}\u00a0₽` : text
}

/** Exact product, in the currency's two decimals. */
export function times(money: Money, factor: Decimal.Value): Money {
  return { amount: new Decimal(money.amount).times(factor).toFixed(2), currency: money.currency }
}

export interface Estimate extends Money { per: Per }

/**
 * What a stay would cost, before the service says the binding total: the cheapest price that covers it.
 * A day price covers one local date whatever the number of hours; a month price covers up to 31 days.
 * Null when no price of the resource covers so long a time.
 */
export function estimate(resource: Resource, minutes: number, seats: number, sameDate: boolean): Estimate | null {
  const candidates = resource.prices
    .map((price) => ({ price, factor: coverage(price, minutes, sameDate) }))
    .filter((item): item is { price: Price; factor: Decimal } => item.factor !== null)
    .map(({ price, factor }) => ({ ...times(price, factor.times(seats)), per: price.per }))
  candidates.sort((a, b) => new Decimal(a.amount).cmp(b.amount))
  return candidates[0] ?? null
}

function coverage(price: Price, minutes: number, sameDate: boolean): Decimal | null {
  if (price.per === 'hour') return new Decimal(minutes).div(60)
  if (price.per === 'day') return sameDate ? new Decimal(1) : null
  return minutes <= 31 * 24 * 60 ? new Decimal(1) : null
}
