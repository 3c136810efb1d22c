/**
 * The connected pair: two directions, each a lazily made ring with shutdown bits, and the two
 * endpoints that own them.
 *
 * <p>An {@link io.nioring.stream.Endpoint} is the socket without its java.nio facade: what the
 * kernel would keep behind a file descriptor. It never refers to the facade, so that a channel
 * dropped without close can be found out.
 */
package io.nioring.stream;
