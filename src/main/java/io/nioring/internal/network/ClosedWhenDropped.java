package io.nioring.internal.network;

import java.nio.channels.Channel;

/**
 * A socket that is closed when it is collected after being dropped without close, as the platform's
 * plain sockets are; its channels are not.
 */
public interface ClosedWhenDropped extends Channel {}
