package io.nioring.simulation;

/**
 * What is on its way in one direction of a connection, or a datagram.
 *
 * @param connect the connect that the connection came from; for a datagram its sender, its receiver
 *     and its number
 * @param toward the host that it goes to
 * @param bytes how many bytes have been written and have not arrived yet
 * @param end whether the end of the stream, or a reset, is on its way behind them
 */
public record InFlight(Connect connect, RingHost toward, long bytes, boolean end) {}
