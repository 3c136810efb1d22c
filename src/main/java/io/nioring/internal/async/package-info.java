/**
 * The asynchronous channels of a network: operations that end on the threads of a group.
 *
 * <p>An operation is put into the slot of its {@link io.nioring.internal.async.Side}, tried at once
 * on the caller's thread, and tried again by the group's executor when the poll set of its socket
 * signals a change. There is no selector and no loop. The only threads are those of the executors,
 * a timer while there are time limits, and a few for executors that refuse tasks or run them in the
 * caller.
 *
 * <p>User code (handlers, executors) is never called with a lock of ours held, and handlers are
 * never called on the thread of a peer.
 */
package io.nioring.internal.async;
