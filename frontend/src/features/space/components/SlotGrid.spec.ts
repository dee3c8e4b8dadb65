import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import userEvent from '@testing-library/user-event'
import type { Slot } from '@/api'
import { show } from '@/testing/render'
import { aSlot } from '@/testing/samples'
import SlotGrid from './SlotGrid.vue'

const slot = (hour: number, seats_free: number): Slot =>
  aSlot({
    start: new Date(Date.UTC(2026, 10, 24, hour - 3)).toISOString(),
    end: new Date(Date.UTC(2026, 10, 24, hour - 2)).toISOString(),
    seats_free,
    bookable: seats_free > 0,
    reason: seats_free ? null : 'full',
  })
const slots = [slot(9, 20), slot(10, 2), slot(11, 0), slot(12, 5)]
const props = { slots, zone: 'Europe/Moscow', modelValue: null, least: 1, most: 4, capacity: 24 }

describe('SlotGrid', () => {
  beforeEach(() => vi.useFakeTimers({ now: new Date('2026-11-23T10:00:00Z'), toFake: ['Date'] }))
  afterEach(() => vi.useRealTimers())

  it('shows times of the venue, whatever zone the reader is in', async () => {
    const { getAllByRole } = await show(SlotGrid, { props })
    expect(getAllByRole('button').map((item) => item.dataset.testid)).toEqual([
      'slot-0900',
      'slot-1000',
      'slot-1100',
      'slot-1200',
    ])
  })

  it('says in words what is free, nearly gone, and taken', async () => {
    const { getByRole } = await show(SlotGrid, { props, locale: 'ru' })
    expect(getByRole('button', { name: '09:00, свободно 20 мест' })).toHaveProperty('disabled', false)
    expect(getByRole('button', { name: '10:00 ещё 2' }).textContent).toContain('ещё 2')
    expect(getByRole('button', { name: '11:00, занято' })).toHaveProperty('disabled', true)
  })

  it.each([
    ['full', 'taken', '09:00, занято'],
    ['too_many_seats', 'small', '09:00, здесь всего 2 места'],
    ['notice', 'soon', '09:00, бронировать уже поздно'],
    ['too_far', 'far', '09:00, бронь ещё не открыта'],
    ['no_price', 'off', '09:00, забронировать нельзя'],
    ['something_new', 'off', '09:00, забронировать нельзя'],
  ])('says why a slot cannot be booked: %s', async (reason, state, name) => {
    const { getByRole } = await show(SlotGrid, {
      props: { ...props, slots: [{ ...slot(9, 0), reason }], capacity: 2 },
      locale: 'ru',
    })
    expect(getByRole('button', { name }).dataset.state).toBe(state)
  })

  it('does not call a small room nearly gone while it is empty', async () => {
    const { getByRole } = await show(SlotGrid, { props: { ...props, capacity: 2 } })
    getByRole('button', { name: '10:00, 2 seats free' })
  })

  it('speaks of no seats where a room is booked as a whole', async () => {
    const { getByRole } = await show(SlotGrid, { props: { ...props, slots: [slot(9, 1)], capacity: 1, whole: true } })
    getByRole('button', { name: '09:00, free' })
  })

  it('keeps the choice where a press would make it too long, and says that it is', async () => {
    const modelValue = { start: slots[0]!.start, end: slots[0]!.end }
    const { emitted, getByTestId } = await show(SlotGrid, { props: { ...props, modelValue, most: 1 } })
    await userEvent.setup().click(getByTestId('slot-1000'))
    expect([emitted('tooLong')?.length, emitted('update:modelValue')]).toEqual([1, undefined])
  })

  it('is chosen by keyboard alone', async () => {
    const user = userEvent.setup()
    const { emitted, getByTestId } = await show(SlotGrid, { props })
    await user.tab()
    expect(document.activeElement).toBe(getByTestId('slot-0900'))
    await user.keyboard('{End}')
    expect(document.activeElement).toBe(getByTestId('slot-1200'))
    await user.keyboard('{ArrowLeft}')
    expect(document.activeElement).toBe(getByTestId('slot-1000'))
    await user.keyboard('{Enter}')
    expect(emitted('update:modelValue')?.[0]).toEqual([{ start: slots[1]!.start, end: slots[1]!.end }])
  })

  it('is one stop for Tab, however long the day', async () => {
    const user = userEvent.setup()
    await show(SlotGrid, { props })
    await user.tab()
    await user.tab()
    expect(document.activeElement).toBe(document.body)
  })

  it('marks the chosen stay as pressed', async () => {
    const { getByTestId } = await show(SlotGrid, {
      props: { ...props, modelValue: { start: slots[0]!.start, end: slots[1]!.end } },
    })
    expect(['slot-0900', 'slot-1000', 'slot-1200'].map((id) => getByTestId(id).getAttribute('aria-pressed'))).toEqual([
      'true',
      'true',
      'false',
    ])
  })
})
