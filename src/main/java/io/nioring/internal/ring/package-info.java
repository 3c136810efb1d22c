/**
 * Ring memory and the byte ring: the queue of one direction, in segments that grow with the bytes
 * in transit.
 *
 * <p>The only package that uses Netty's allocator. Memory comes in power-of-two blocks of pooled
 * chunks, counted so that a leak is detected: the taker of a block owns it and returns it exactly
 * once. A ring knows indexes, copies and memory order; it knows nothing of sockets, waiters or
 * shutdown. One thread writes and one thread reads at a time; the caller ensures that.
 */
package io.nioring.internal.ring;
