import type { CancellationTier, Money, Price, RefundTier } from '@/api'

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
export function decimalsOf(amount: string): number {
  const places = amount.split('.')[1]?.length ?? 0
  return places === 1 ? 2 : places
}

/** Whether an amount (a decimal string) is zero. */
export function isFree(money: Money): boolean {
  return !/[1-9]/.test(money.amount)
}

/** A price that the app can book by; a month's is none. */
export function bookablePrice(price: Price | null | undefined): Price | null {
  return price && price.per !== 'month' ? price : null
}

/** The tiers of a space as instants, for a booking that begins at `start`. */
export function refundSteps(tiers: CancellationTier[], start: string): RefundTier[] {
  return tiers.map((tier) => ({
    until: new Date(Date.parse(start) - tier.before_minutes * 60_000).toISOString(),
    refund_percent: tier.refund_percent,
  }))
}
