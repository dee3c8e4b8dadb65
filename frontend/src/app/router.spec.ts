import { createMemoryHistory } from 'vue-router'
import { beforeEach, describe, expect, it } from 'vitest'
import { useSession } from '@/features/auth'
import { freshStores } from '@/testing/render'
import { aUser } from '@/testing/samples'
import { makeI18n } from './i18n'
import { makeRouter, type Role } from './router'
import { watchForBrokenPages } from './useBrokenPage'

/** A router with a page for each role, opened at the page of one of them. */
async function open(role: Role) {
  const router = makeRouter(makeI18n('en'), createMemoryHistory())
  watchForBrokenPages(router)
  for (const of of ['renter', 'owner', 'moderator'] as const) {
    const component = { render: () => null }
    router.addRoute({ path: `/of/${of}`, name: of, component, meta: { layout: 'none', role: of, title: '' } })
  }
  const failure = await router.push(`/of/${role}?lang=en`).catch((error: unknown) => error)
  return { at: router.currentRoute.value, failure }
}

describe('a page of a role', () => {
  beforeEach(() => void freshStores())

  it.each([
    ['renter', ['renter']],
    ['owner', ['renter', 'owner']],
    ['moderator', ['renter', 'moderator']],
  ] as [Role, string[]][])('lets in who has it: %s', async (role, roles) => {
    useSession().user = aUser({ roles })
    expect((await open(role)).at.name).toBe(role)
  })

  it.each([
    ['owner', ['renter']],
    ['owner', ['renter', 'moderator']],
    ['moderator', ['renter', 'owner']],
  ] as [Role, string[]][])('of %s keeps out who has only %j, and says that it is forbidden', async (role, roles) => {
    useSession().user = aUser({ roles })
    const { at, failure } = await open(role)
    expect(at.name).not.toBe(role)
    expect(failure).toMatchObject({ status: 403, slug: 'forbidden' })
  })

  it('leads strangers to sign in, and from there back', async () => {
    const { at } = await open('owner')
    expect([at.name, at.query.next]).toEqual(['login', '/of/owner?lang=en'])
  })
})
