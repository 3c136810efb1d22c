/**
 * The connected pair: two directions, each a lazily made ring with shutdown bits, and the two
 * endpoints that own them.
 *
 * <p>An {@link io.nioring.internal.stream.Endpoint} is the socket without its java.nio facade: the
 * counterpart of what the kernel keeps behind a file descriptor. It never refers to the facade, so
 * that a channel dropped without close can be detected.
 *
 * <p>Ancillary data has a separate queue, in {@link io.nioring.internal.stream.Direction}, which is
 * made when the first message carries some: see {@code AncillaryQueue}. Rights are closed after the
 * lock that they were taken under was released, never under it.
 */
package io.nioring.internal.stream;
