/**
 * Bound addresses and the listeners behind them: what connects are looked up in.
 *
 * <p>Addresses of both families live side by side: ports with the IP addresses bound on them, and
 * Unix paths, and abstract names. Nothing here reaches the kernel, except that a wildcard bind asks
 * which addresses this machine has.
 */
package io.nioring.internal.names;
