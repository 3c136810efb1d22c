package io.nioring.internal.network;

import java.nio.channels.Channel;

/**
 * What is closed by collection if it was dropped without a close, as the platform's plain sockets
 * are; its channels are not.
 */
public interface ClosedWhenDropped extends Channel {}
