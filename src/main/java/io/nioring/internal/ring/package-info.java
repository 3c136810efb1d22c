/**
 * Ring memory and the byte ring: the queue of one direction, in segments that grow with the bytes
 * in transit.
 *
 * <p>The only package that sees Netty's allocator. Memory comes in power-of-two blocks out of
 * pooled buffers, counted so that a leak shows: the taker of a block owns it and returns it exactly
 * once. A ring knows indexes, copies and memory order; it knows nothing of sockets, waiters or
 * shutdown. One thread writes and one thread reads at a time; the caller ensures that.
 */
package io.nioring.internal.ring;
