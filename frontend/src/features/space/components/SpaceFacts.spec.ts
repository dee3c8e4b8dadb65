import { describe, expect, it } from 'vitest'
import type { Resource, ResourceKind } from '@/api'
import { show } from '@/testing/render'
import { aResource, aSpace } from '@/testing/samples'
import SpaceFacts from './SpaceFacts.vue'

function resource(kind: ResourceKind, seats: number, capacity: number | null): Resource {
  return aResource({ id: `${kind}-${seats}-${capacity}`, kind, title: 'Item', seats, capacity })
}

async function sizes(locale: 'en' | 'ru', ...resources: Resource[]) {
  const { getByTestId } = await show(SpaceFacts, { locale, props: { space: aSpace({ resources }) } })
  return [...getByTestId('prices').querySelectorAll('tbody .sub')].map((line) => line.textContent)
}

describe('SpaceFacts', () => {
  it('says of a room how many people fit, and of desks how many there are', async () => {
    expect(
      await sizes(
        'en',
        resource('meeting_room', 1, 8),
        resource('office', 1, null),
        resource('hot_desk', 1, null),
        resource('meeting_room', 2, 1),
      ),
    ).toEqual([
      'Meeting room, up to 8 people',
      'Office, as a whole',
      'Hot desk, 1 seat',
      'Meeting room, 2 seats, up to 1 person',
    ])
  })
  it('shows no prices per month, which cannot be booked here', async () => {
    const desk = {
      ...resource('hot_desk', 1, null),
      prices: [{ per: 'month' as const, amount: '9000.00', currency: 'RUB' }],
    }
    const { getByTestId } = await show(SpaceFacts, {
      locale: 'en',
      props: { space: aSpace({ resources: [desk] }) },
    })
    expect(getByTestId('prices').textContent).not.toMatch(/month|9/)
  })
  it('writes to an address and to nobody else', async () => {
    const { getByRole } = await show(SpaceFacts, {
      props: {
        space: aSpace({ contacts: { phone: null, email: 'a?bcc=x&body=y@b.example', website: null } }),
      },
    })
    expect(getByRole('link').getAttribute('href')).toBe('mailto:a%3Fbcc%3Dx%26body%3Dy@b.example')
  })
  it('says it in Russian', async () => {
    expect(await sizes('ru', resource('meeting_room', 1, 8), resource('event_space', 1, null))).toEqual([
      'Переговорная, до 8 человек',
      'Зал для мероприятий, целиком',
    ])
  })
})
