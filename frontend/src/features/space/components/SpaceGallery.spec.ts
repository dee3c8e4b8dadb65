import { describe, expect, it } from 'vitest'
import userEvent from '@testing-library/user-event'
import { waitFor } from '@testing-library/vue'
import { show } from '@/testing/render'
import SpaceGallery from './SpaceGallery.vue'

const photos = ['Hall', 'Kitchen', 'Terrace'].map((caption, index) => ({ url: `/photos/${index}.jpg`, caption }))

describe('SpaceGallery', () => {
  it('shows all photos one by one, counts them, and gives the focus back when it is closed', async () => {
    const user = userEvent.setup()
    const { getByRole, findByTestId } = await show(SpaceGallery, { props: { photos, title: 'Loft', seed: 'loft' } })
    const second = getByRole('button', { name: 'Kitchen' })
    second.focus()
    await user.keyboard('{Enter}')
    const count = await findByTestId('photo-count')
    expect(count.textContent).toContain('2 / 3')
    await user.click(getByRole('button', { name: 'Next photo' }))
    expect(count.textContent).toContain('3 / 3')
    await user.click(getByRole('button', { name: 'Next photo' }))
    expect(count.textContent).toContain('1 / 3')
    await user.click(getByRole('button', { name: 'Close' }))
    await waitFor(() => expect(document.activeElement).toBe(second))
  })
})
