/**
 * Shows the connections of a network, which no tool outside of the JVM can see: as a table in the
 * manner of {@code ss}, as events of Flight Recorder, by JMX, as metrics, and as packet captures of
 * what never was a packet.
 *
 * <p>Stands on the network and is known by nothing below it: a network finds it as a service, and
 * only when something of it is asked for.
 */
package io.nioring.observe;
