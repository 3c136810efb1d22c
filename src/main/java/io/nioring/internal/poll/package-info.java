/**
 * Readiness and the waiters for it.
 *
 * <p>Readiness is never stored: it is computed from the state of a connection each time it is asked
 * for, in the bits of {@link io.nioring.internal.poll.Readiness}. A {@link
 * io.nioring.internal.poll.PollSet} holds those that wait for a change: at most one blocked reader,
 * one blocked writer, and any number of {@link io.nioring.internal.poll.Waiter}s (selection keys,
 * one per selector). A wake-up is only a hint to check again.
 *
 * <p>A thread that changes something follows one order: publish the change, full fence, check for
 * waiters. A thread that waits follows the mirrored order: announce, full fence, check for the
 * change, sleep. At least one of the two always sees the other.
 *
 * <p>Those that are notified are of different owners: {@link io.nioring.internal.poll.Failures}
 * keeps the failure of one from the others.
 */
package io.nioring.internal.poll;
