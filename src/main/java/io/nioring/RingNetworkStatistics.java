package io.nioring;

/**
 * What a network did so far and what it holds now.
 *
 * <p>A snapshot, taken while the network goes on: each figure is right by itself, but two of them
 * need not belong to the same moment, so sums may be off by what happened meanwhile. The first five
 * only grow over the life of a network and start at 0; the others go up and down, and are 0 again
 * after the network was closed and the last channel's memory came back.
 *
 * @param ringConnections connections made over rings so far, each counted once for its two ends, as
 *     soon as it is in a listener's backlog, whether its client has seen the end of the connect and
 *     whether it is accepted or not. The pair of channels that accept and connect is one
 *     connection; a pipe is none, and neither is a {@link RingNetwork#socketPair() socket pair}
 * @param ringAccepted those of {@code ringConnections} that {@code accept} has handed out; never
 *     more than these
 * @param kernelConnections connections that clients of this network made through the kernel,
 *     because of the mode or because nobody in this JVM listened at the address; each counted when
 *     its client has seen the end of the connect, so that refused ones are not in it. Platform
 *     channels that were handed out unwrapped, as in kernel mode, are not seen and not counted
 * @param kernelAccepted connections from the kernel that hybrid listeners handed out
 * @param ringBytes bytes that were read out of rings so far, by channels that are closed and by
 *     those that are open: by both ends of connections and of socket pairs, and out of pipes. Bytes
 *     that were written and not yet read are not in it; those that a close threw away never are,
 *     and those of a read that another thread's close overtook need not be
 * @param openChannels ring channels that are open now: sockets, listeners, and each end of a pipe
 *     by itself
 * @param listeners addresses of this network that are bound and listen now
 * @param memoryInUseBytes bytes of ring memory that are taken from the pool now. Idle connections
 *     hold none
 */
public record RingNetworkStatistics(
    long ringConnections,
    long ringAccepted,
    long kernelConnections,
    long kernelAccepted,
    long ringBytes,
    int openChannels,
    int listeners,
    long memoryInUseBytes) {}
