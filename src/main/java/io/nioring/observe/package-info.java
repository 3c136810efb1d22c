/**
 * Shows the connections of a network: packet captures of what never was a packet.
 *
 * <p>Stands on the network and is known by nothing below it.
 */
package io.nioring.observe;
