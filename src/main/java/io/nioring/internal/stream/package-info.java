/**
 * The connected pair: two directions, each a lazily made ring with shutdown bits, and the two
 * endpoints that own them.
 *
 * <p>An {@link io.nioring.internal.stream.Endpoint} is the socket without its java.nio facade: what
 * the kernel would keep behind a file descriptor. It never refers to the facade, so that a channel
 * dropped without close can be detected.
 *
 * <p>Ancillary data has a queue beside the ring, in {@link io.nioring.internal.stream.Direction},
 * which is made when the first message carries some: see {@code AncillaryQueue}. Rights are closed
 * after the lock that they were taken under was released, never under it.
 */
package io.nioring.internal.stream;
