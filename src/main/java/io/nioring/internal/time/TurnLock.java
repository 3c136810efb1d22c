package io.nioring.internal.time;

import java.util.concurrent.locks.ReentrantLock;

/** A reentrant lock that is a {@link Turn}. */
@SuppressWarnings("serial") // never serialized
public final class TurnLock extends ReentrantLock implements Turn {}
