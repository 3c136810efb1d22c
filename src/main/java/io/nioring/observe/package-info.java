/**
 * Makes the connections of a network visible, which no tool outside the JVM can see: as a table
 * like that of {@code ss}, as events of Flight Recorder, through JMX, as metrics, and as packet
 * captures.
 *
 * <p>It is layered above the network, which loads it as a service, and only when it is needed.
 */
package io.nioring.observe;
