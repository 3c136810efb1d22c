/**
 * The selector: keys, their sets, the queue of what may be ready, and how a selecting thread waits.
 *
 * <h2>How it works</h2>
 *
 * Each key has a {@link io.nioring.internal.select.ReadyNode} in its channel's poll set. A wake-up
 * that the key is interested in pushes the node onto the selector's {@link
 * io.nioring.internal.select.ReadyQueue}, once; a select takes the queue's nodes as candidates,
 * asks each candidate's channel for its present readiness, and fills the selected-key set. A
 * candidate found ready stays one, so that selecting is level-triggered; one found not ready is
 * removed and, after a fence, checked again, so that a change in between is not lost. The cost of a
 * select depends on how many keys are ready, never on how many are registered.
 *
 * <p>Nodes refer to the queue, not to the key, so that no reference leads from a channel's peer to
 * the channel.
 *
 * <h2>Locks</h2>
 *
 * A select holds the monitor of the selector, then of the selected-key set, as the javadoc of
 * {@link java.nio.channels.Selector} specifies; then, briefly, of the cancelled-key set or of the
 * key table. Registering takes only that of the key table, changing interest and waking take none.
 */
package io.nioring.internal.select;
