/**
 * The way in: a {@code SelectorProvider} whose channels connect inside one JVM over rings in
 * memory.
 *
 * <p>There are two ways to use it.
 *
 * <ul>
 *   <li>For the whole JVM, by the flag {@code
 *       -Djava.nio.channels.spi.SelectorProvider=io.nioring.RingSelectorProvider}: every channel
 *       that is opened by {@code java.nio.channels} is then one of {@link
 *       io.nioring.RingSelectorProvider}. System properties named {@code nioring.*} configure it;
 *       see {@link io.nioring.RingNetworkConfig}.
 *   <li>As an object: a {@link io.nioring.RingNetwork} is a network of its own, whose addresses are
 *       not seen by others, with a provider to open channels on it.
 * </ul>
 *
 * <p>This package puts the parts together and stands above all others; none imports it.
 */
package io.nioring;
