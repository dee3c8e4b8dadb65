import type { RouteRecordRaw } from 'vue-router'
import { messages } from './messages'

const meta = { layout: 'public', messages: [messages] } as const

export const routes: RouteRecordRaw[] = [
  {
    path: '/login',
    name: 'login',
    component: () => import('./pages/LoginPage.vue'),
    meta: { ...meta, title: 'auth.loginTitle' },
  },
  {
    path: '/register',
    name: 'register',
    component: () => import('./pages/RegisterPage.vue'),
    meta: { ...meta, title: 'auth.registerTitle' },
  },
  {
    path: '/verify',
    name: 'verify',
    component: () => import('./pages/VerifyPage.vue'),
    meta: { ...meta, title: 'verify.title' },
  },
  {
    path: '/recover',
    name: 'recover',
    component: () => import('./pages/RecoverPage.vue'),
    meta: { ...meta, title: 'recover.title' },
  },
  {
    path: '/confirm-email',
    name: 'confirm-email',
    component: () => import('./pages/ConfirmEmailPage.vue'),
    meta: { ...meta, title: 'confirmEmail.title' },
  },
  {
    path: '/undo-email',
    name: 'undo-email',
    component: () => import('./pages/UndoEmailPage.vue'),
    meta: { ...meta, title: 'undoEmail.title' },
  },
]
