import { defineStore } from 'pinia'
import { ref } from 'vue'

/** A passing message. */
export interface Toast {
  readonly id: number
  readonly tone: 'info' | 'good' | 'warn' | 'bad'
  readonly text: string
}

/** At most this many are kept; older ones leave first. */
const mostToasts = 4
const shownMs = 7_000

/** Passing messages, newest last. Nothing that must be read belongs here. */
export const useToasts = defineStore('toasts', () => {
  const toasts = ref<readonly Toast[]>([])
  let lastId = 0

  function dismiss(id: number): void {
    toasts.value = toasts.value.filter((toast) => toast.id !== id)
  }

  /** Shows `text` for a few seconds. */
  function show(text: string, tone: Toast['tone'] = 'info'): void {
    const id = ++lastId
    toasts.value = [...toasts.value, { id, tone, text }].slice(-mostToasts)
    setTimeout(() => dismiss(id), shownMs)
  }

  return { toasts, show, dismiss }
})
