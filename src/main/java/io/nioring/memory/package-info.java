/**
 * Ring memory: power-of-two blocks out of Netty's pooled buffers, counted so that a leak shows.
 *
 * <p>The only package that knows Netty's allocator. It knows nothing of rings: who takes a block
 * owns it and gives it back exactly once.
 */
package io.nioring.memory;
