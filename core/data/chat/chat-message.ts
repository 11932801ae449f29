/** One turn of a conversation. Templates know the roles `system`, `user` and `assistant`; some refuse others. */
export interface ChatMessage {
  readonly role: string
  readonly content: string
}
