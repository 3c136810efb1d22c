/**
 * IP addresses and ports as such: which addresses a host has, what they are called, and which ports
 * are chosen for sockets that do not name one.
 *
 * <p>Streams and datagrams share these classes, but not their instances: TCP and UDP ports are
 * numbered independently. Nothing here knows who is bound.
 *
 * <h2>Locks</h2>
 *
 * None. The state of each ephemeral port changes by one compare-and-set.
 */
package io.nioring.internal.address;
