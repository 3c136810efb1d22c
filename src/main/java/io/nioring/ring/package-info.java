/**
 * One byte ring: a single-producer, single-consumer queue of bytes that grows and gives back.
 *
 * <p>Indexes are {@code long}, count bytes since the ring was made, never wrap in practice, and are
 * compared by difference so that they could. The package knows nothing of sockets, waiters or
 * channels.
 */
package io.nioring.ring;
