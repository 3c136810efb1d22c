/**
 * Shows the connections of a network, which no tool outside the JVM can see: as a table in the
 * manner of {@code ss}, as events of Flight Recorder, by JMX, as metrics, and as packet captures of
 * what never was a packet.
 *
 * <p>Built on the network, and unknown to the packages below: a network finds it as a service, and
 * only when it is needed.
 */
package io.nioring.observe;
