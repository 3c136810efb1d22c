/**
 * IP addresses and ports: which addresses a host has, how they are named, and which ports are
 * chosen for sockets that do not name one.
 *
 * <p>Streams and datagrams share these classes, but not their instances: TCP and UDP ports are
 * numbered independently. Nothing here knows who is bound.
 *
 * <h2>Locks</h2>
 *
 * None. The state of each ephemeral port changes by one compare-and-set.
 */
package io.nioring.internal.address;
