/** The one channel that the page asks on: name and input of a request. */
export const requestChannel = 'zerotune:request'

/** The one channel that the page is told on: name and payload of an event. */
export const eventChannel = 'zerotune:event'
