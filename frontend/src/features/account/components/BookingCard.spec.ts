import { afterEach, describe, expect, it } from 'vitest'
import { Settings } from 'luxon'
import { show } from '@/testing/render'
import { aBooking } from '@/testing/samples'
import BookingCard from './BookingCard.vue'

const booking = aBooking({ start: '2099-11-24T07:00:00Z', end: '2099-11-24T09:00:00Z' })

describe('BookingCard', () => {
  afterEach(() => void (Settings.defaultZone = 'system'))

  it.each([
    [
      { status: 'declined', ended_by: 'owner', refund: { amount: '500.00', currency: 'RUB' } },
      'The owner could not take this booking. You get everything back: 500 ₽.',
    ],
    [
      { status: 'cancelled', ended_by: 'renter', refund: null },
      'You gave the seats back. The seats are free again. Nothing was charged.',
    ],
    [
      { status: 'cancelled', ended_by: 'owner', refund: { amount: '500.00', currency: 'RUB' } },
      'The owner cancelled this booking. You get everything back: 500 ₽.',
    ],
  ] as const)('says in the list by whom it ended and what comes back: %o', async (changes, sentence) => {
    const { getByTestId } = await show(BookingCard, { props: { booking: { ...booking, ...changes } } })
    expect(getByTestId('ending').textContent?.replace(/\u00a0/g, ' ')).toBe(sentence)
  })

  it('names the day of the reader’s own clock where it is another', async () => {
    Settings.defaultZone = 'Pacific/Honolulu'
    const { getByText } = await show(BookingCard, { props: { booking } })
    getByText(/^Tue, November 24/)
    getByText('By your clock: Mon, November 23, 21:00–23:00')
  })
})
