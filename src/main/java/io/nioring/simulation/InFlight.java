package io.nioring.simulation;

/**
 * What is on its way in one direction of a connection.
 *
 * @param connect the connect that the connection came from
 * @param toward the host that it goes to
 * @param bytes how many bytes have been written and have not arrived
 * @param end whether the end of the stream, or a reset, is on its way behind them
 */
public record InFlight(Connect connect, RingHost toward, long bytes, boolean end) {}
