import type { Router } from 'vue-router'
import { configureApi } from '@/api/http'
import { askToStepUp, useSession, watchOtherTabs } from '@/features/auth'

/** What becomes of the page that is open when its reader's session ends, or becomes another's, without their doing. */
export function watchSession(router: Router): void {
  const session = useSession()

  function signedOut(expired?: '1'): void {
    session.forget()
    const here = router.currentRoute.value
    if (here.meta.role) void router.replace({ name: 'login', query: { next: here.fullPath, expired } })
  }

  /** This tab goes on as whoever signed in in another one, if they may see the page that is open. */
  function otherAccount(): void {
    void session.takeOver()
    const { path, query, hash } = router.currentRoute.value
    router.replace({ path, query, hash, force: true }).catch(() => undefined)
  }

  configureApi({ onSignedOut: () => signedOut('1'), onOtherAccount: otherAccount, onStepUp: askToStepUp })
  watchOtherTabs(
    () => session.signedIn && signedOut(),
    (id) => session.user && session.user.id !== id && otherAccount(),
  )
}
